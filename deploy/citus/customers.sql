-- Customer-service's database on Citus. As a superuser, on the coordinator, after the migrations: see README.md here.
\set ON_ERROR_STOP on
BEGIN;

-- Its triggers touch rows of the same organization only, which lie on the same node.
SET LOCAL citus.enable_unsafe_triggers = on;

-- By organization, all of one organization on one node. Who is referred to comes first.
SELECT create_distributed_table('customers', 'org_id', colocate_with => 'none');
SELECT create_distributed_table('audit_events', 'org_id', colocate_with => 'customers');
SELECT create_distributed_table('audit_seals', 'org_id', colocate_with => 'customers');
SELECT create_distributed_table('audit_unsealed', 'org_id', colocate_with => 'customers');
SELECT create_distributed_table('consent_changes', 'org_id', colocate_with => 'customers');
SELECT create_distributed_table('consents', 'org_id', colocate_with => 'customers');
SELECT create_distributed_table('customer_fields', 'org_id', colocate_with => 'customers');
SELECT create_distributed_table('customer_redirects', 'org_id', colocate_with => 'customers');
SELECT create_distributed_table('gone_customers', 'org_id', colocate_with => 'customers');
SELECT create_distributed_table('groups', 'org_id', colocate_with => 'customers');
SELECT create_distributed_table('group_members', 'org_id', colocate_with => 'customers');
SELECT create_distributed_table('idempotency_keys', 'org_id', colocate_with => 'customers');
SELECT create_distributed_table('identities', 'org_id', colocate_with => 'customers');
SELECT create_distributed_table('kept_opt_outs', 'org_id', colocate_with => 'customers');
SELECT create_distributed_table('new_phones', 'org_id', colocate_with => 'customers');
SELECT create_distributed_table('phone_endings', 'org_id', colocate_with => 'customers');
SELECT create_distributed_table('sends', 'org_id', colocate_with => 'customers');
SELECT create_distributed_table('suppressions', 'org_id', colocate_with => 'customers');

COMMIT;

-- A transaction's scope (SET LOCAL app.org_ids) reaches the nodes, and the policies with it.
ALTER DATABASE customers SET citus.propagate_set_commands = 'local';
ALTER DATABASE customers SET citus.enable_unsafe_triggers = on;
