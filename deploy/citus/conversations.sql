-- Conversation-service's database on Citus. As a superuser, on the coordinator, after the migrations: see README.md here.
\set ON_ERROR_STOP on
BEGIN;

-- By organization, all of one organization on one node. Who is referred to comes first.
SELECT create_distributed_table('conversations', 'org_id', colocate_with => 'none');
SELECT create_distributed_table('activities', 'org_id', colocate_with => 'conversations');
SELECT create_distributed_table('audit_events', 'org_id', colocate_with => 'conversations');
SELECT create_distributed_table('audit_seals', 'org_id', colocate_with => 'conversations');
SELECT create_distributed_table('audit_unsealed', 'org_id', colocate_with => 'conversations');
SELECT create_distributed_table('org_directory', 'org_id', colocate_with => 'conversations');
SELECT create_distributed_table('org_settings', 'org_id', colocate_with => 'conversations');
SELECT create_distributed_table('received_events', 'org_id', colocate_with => 'conversations');

COMMIT;

-- A transaction's scope (SET LOCAL app.org_ids) reaches the nodes, and the policies with it.
ALTER DATABASE conversations SET citus.propagate_set_commands = 'local';
