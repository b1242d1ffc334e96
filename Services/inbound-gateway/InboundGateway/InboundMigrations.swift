package import Postgres

/// The schema of the inbound database, oldest first.
///
/// Append only: a shipped file never changes. Run by the owner, never by the service's own role.
package enum InboundMigrations {
    package static let all: [Migration] = [
        Migration(1, "create_accounts", PackageResources.m0001_create_accounts_sql),
        Migration(2, "create_inbox", PackageResources.m0002_create_inbox_sql),
        Migration(3, "pass_messages_on", PackageResources.m0003_pass_messages_on_sql),
        Migration(4, "audit_replays", PackageResources.m0004_audit_replays_sql),
        Migration(5, "find_what_is_due", PackageResources.m0005_find_what_is_due_sql),
        Migration(6, "erase_events", PackageResources.m0006_erase_events_sql),
        Migration(7, "take_opt_outs", PackageResources.m0007_take_opt_outs_sql),
        Migration(8, "seal_the_trail", PackageResources.m0008_seal_the_trail_sql),
        .readScopeOnce(9),
        .countNoOrganizations(10),
    ]
}
