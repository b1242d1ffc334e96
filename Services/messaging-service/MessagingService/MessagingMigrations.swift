package import Postgres

/// The schema of the messaging database, oldest first.
///
/// Append only: a shipped file never changes. Run by the owner, never by the service's own roles.
package enum MessagingMigrations {
    package static let all: [Migration] = [
        Migration(1, "create_accounts", PackageResources.m0001_create_accounts_sql),
        Migration(2, "create_messages", PackageResources.m0002_create_messages_sql),
        Migration(3, "isolate_organizations", PackageResources.m0003_isolate_organizations_sql),
        Migration(4, "order_and_gate_the_queue", PackageResources.m0004_order_and_gate_the_queue_sql),
        Migration(5, "retain_messages", PackageResources.m0005_retain_messages_sql),
        Migration(6, "run_jobs", PackageResources.m0006_run_jobs_sql),
        Migration(7, "receive_messages", PackageResources.m0007_receive_messages_sql),
        Migration(8, "apply_rules", PackageResources.m0008_apply_rules_sql),
        Migration(9, "keep_templates", PackageResources.m0009_keep_templates_sql),
        Migration(10, "broadcast", PackageResources.m0010_broadcast_sql),
        Migration(11, "erase_messages", PackageResources.m0011_erase_messages_sql),
        Migration(12, "attach_files", PackageResources.m0012_attach_files_sql),
        Migration(13, "seal_the_trail", PackageResources.m0013_seal_the_trail_sql),
        Migration(14, "check_recipients_together", PackageResources.m0014_check_recipients_together_sql),
        Migration(15, "trace_messages", PackageResources.m0015_trace_messages_sql),
        Migration(16, "fence_restores", PackageResources.m0016_fence_restores_sql),
        Migration(17, "find_recipients_by_address", PackageResources.m0017_find_recipients_by_address_sql),
        Migration(18, "delete_accounts", PackageResources.m0018_delete_accounts_sql),
        Migration(
            19,
            "check_accounts_and_attach_to_broadcasts",
            PackageResources.m0019_check_accounts_and_attach_to_broadcasts_sql
        ),
        .readScopeOnce(20),
        .countNoOrganizations(21),
        Migration(22, "find_due_work_by_itself", PackageResources.m0022_find_due_work_by_itself_sql),
    ]
}
