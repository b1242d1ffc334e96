-- Inbound-gateway's database on Citus. As a superuser, on the coordinator, after the migrations: see README.md here.
\set ON_ERROR_STOP on
BEGIN;

-- What is looked at before the organization is known, or belongs to none: whole on every node.
SELECT create_reference_table('account_directory');
SELECT create_reference_table('inbox_presence');
SELECT create_reference_table('number_directory');

-- By organization, all of one organization on one node. Who is referred to comes first.
SELECT create_distributed_table('webhook_accounts', 'org_id', colocate_with => 'none');
SELECT create_distributed_table('audit_events', 'org_id', colocate_with => 'webhook_accounts');
SELECT create_distributed_table('audit_seals', 'org_id', colocate_with => 'webhook_accounts');
SELECT create_distributed_table('audit_unsealed', 'org_id', colocate_with => 'webhook_accounts');
SELECT create_distributed_table('inbox_events', 'org_id', colocate_with => 'webhook_accounts');
SELECT create_distributed_table('inbox_orgs', 'org_id', colocate_with => 'webhook_accounts');
SELECT create_distributed_table('inbox_requests', 'org_id', colocate_with => 'webhook_accounts');

COMMIT;

-- A transaction's scope (SET LOCAL app.org_ids) reaches the nodes, and the policies with it.
ALTER DATABASE inbound SET citus.propagate_set_commands = 'local';
