-- Messaging-service's database on Citus. As a superuser, on the coordinator, after the migrations: see README.md here.
\set ON_ERROR_STOP on
BEGIN;

-- Its triggers touch rows of the same organization only, which lie on the same node.
SET LOCAL citus.enable_unsafe_triggers = on;

-- What is looked at before the organization is known, or belongs to none: whole on every node.
SELECT create_reference_table('account_directory');
SELECT create_reference_table('engine_state');
SELECT create_reference_table('number_directory');
SELECT create_reference_table('replayed_journals');
SELECT create_reference_table('workers');

-- By organization, all of one organization on one node. Who is referred to comes first.
SELECT create_distributed_table('channel_accounts', 'org_id', colocate_with => 'none');
SELECT create_distributed_table('account_checks', 'org_id', colocate_with => 'channel_accounts');
SELECT create_distributed_table('account_flows', 'org_id', colocate_with => 'channel_accounts');
SELECT create_distributed_table('activities', 'org_id', colocate_with => 'channel_accounts');
SELECT create_distributed_table('audit_events', 'org_id', colocate_with => 'channel_accounts');
SELECT create_distributed_table('audit_seals', 'org_id', colocate_with => 'channel_accounts');
SELECT create_distributed_table('audit_unsealed', 'org_id', colocate_with => 'channel_accounts');
SELECT create_distributed_table('bounced_messages', 'org_id', colocate_with => 'channel_accounts');
SELECT create_distributed_table('broadcast_recipients', 'org_id', colocate_with => 'channel_accounts');
SELECT create_distributed_table('broadcasts', 'org_id', colocate_with => 'channel_accounts');
SELECT create_distributed_table('broadcast_attachments', 'org_id', colocate_with => 'channel_accounts');
SELECT create_distributed_table('conversation_windows', 'org_id', colocate_with => 'channel_accounts');
SELECT create_distributed_table('idempotency_keys', 'org_id', colocate_with => 'channel_accounts');
SELECT create_distributed_table('inbound_events', 'org_id', colocate_with => 'channel_accounts');
SELECT create_distributed_table('jobs', 'org_id', colocate_with => 'channel_accounts');
SELECT create_distributed_table('keyword_answers', 'org_id', colocate_with => 'channel_accounts');
SELECT create_distributed_table('lanes', 'org_id', colocate_with => 'channel_accounts');
SELECT create_distributed_table('messages', 'org_id', colocate_with => 'channel_accounts');
SELECT create_distributed_table('attempts', 'org_id', colocate_with => 'channel_accounts');
SELECT create_distributed_table('dead_letters', 'org_id', colocate_with => 'channel_accounts');
SELECT create_distributed_table('message_attachments', 'org_id', colocate_with => 'channel_accounts');
SELECT create_distributed_table('org_settings', 'org_id', colocate_with => 'channel_accounts');
SELECT create_distributed_table('outbox', 'org_id', colocate_with => 'channel_accounts');
SELECT create_distributed_table('provider_events', 'org_id', colocate_with => 'channel_accounts');
SELECT create_distributed_table('templates', 'org_id', colocate_with => 'channel_accounts');
SELECT create_distributed_table('template_versions', 'org_id', colocate_with => 'channel_accounts');
SELECT create_distributed_table('unsent_messages', 'org_id', colocate_with => 'channel_accounts');

COMMIT;

-- A transaction's scope (SET LOCAL app.org_ids) reaches the nodes, and the policies with it.
ALTER DATABASE messaging SET citus.propagate_set_commands = 'local';
ALTER DATABASE messaging SET citus.enable_unsafe_triggers = on;
