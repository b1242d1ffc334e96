-- Api-gateway's database on Citus. As a superuser, on the coordinator, after the migrations: see README.md here.
\set ON_ERROR_STOP on
BEGIN;

-- What is looked at before the organization is known, or belongs to none: whole on every node.
SELECT create_reference_table('key_directory');
SELECT create_reference_table('slug_directory');

-- By organization, all of one organization on one node. Who is referred to comes first.
SELECT create_distributed_table('orgs', 'org_id', colocate_with => 'none');
SELECT create_distributed_table('api_keys', 'org_id', colocate_with => 'orgs');
SELECT create_distributed_table('audit_events', 'org_id', colocate_with => 'orgs');
SELECT create_distributed_table('audit_seals', 'org_id', colocate_with => 'orgs');
SELECT create_distributed_table('audit_unsealed', 'org_id', colocate_with => 'orgs');
SELECT create_distributed_table('erasures', 'org_id', colocate_with => 'orgs');
SELECT create_distributed_table('erasures_due', 'org_id', colocate_with => 'orgs');
SELECT create_distributed_table('idempotency_keys', 'org_id', colocate_with => 'orgs');
SELECT create_distributed_table('org_directory', 'org_id', colocate_with => 'orgs');
SELECT create_distributed_table('org_pushes', 'org_id', colocate_with => 'orgs');
SELECT create_distributed_table('rate_buckets', 'org_id', colocate_with => 'orgs');

COMMIT;

-- A transaction's scope (SET LOCAL app.org_ids) reaches the nodes, and the policies with it.
ALTER DATABASE gateway SET citus.propagate_set_commands = 'local';
