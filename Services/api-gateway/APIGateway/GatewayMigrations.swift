package import Postgres

/// The schema of the gateway database, oldest first.
///
/// Append only: a shipped file never changes. Run by the owner, never by the service's own role.
package enum GatewayMigrations {
    package static let all: [Migration] = [
        Migration(1, "create_orgs", PackageResources.m0001_create_orgs_sql),
        Migration(2, "create_keys", PackageResources.m0002_create_keys_sql),
        Migration(3, "push_settings", PackageResources.m0003_push_settings_sql),
        Migration(4, "push_to_conversations", PackageResources.m0004_push_to_conversations_sql),
        Migration(5, "push_rules", PackageResources.m0005_push_rules_sql),
        Migration(6, "erase_customers", PackageResources.m0006_erase_customers_sql),
        Migration(7, "limit_requests", PackageResources.m0007_limit_requests_sql),
        Migration(8, "seal_the_trail", PackageResources.m0008_seal_the_trail_sql),
        Migration(9, "answer_again", PackageResources.m0009_answer_again_sql),
        .readScopeOnce(10),
        .countNoOrganizations(11),
    ]
}
