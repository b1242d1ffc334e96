package import Postgres

/// The schema of the messaging database, oldest first.
///
/// Append only: a shipped file never changes. Run by the owner, never by the service's own roles.
package enum MessagingMigrations {
    package static let all: [Migration] = [
        Migration(1, "create_accounts", PackageResources.m0001_create_accounts_sql),
        Migration(2, "create_messages", PackageResources.m0002_create_messages_sql),
        Migration(3, "isolate_organizations", PackageResources.m0003_isolate_organizations_sql),
    ]
}
