package import Postgres

/// The schema of the conversations database, oldest first.
///
/// Append only: a shipped file never changes. Run by the owner, never by the service's own role.
package enum ConversationMigrations {
    package static let all: [Migration] = [
        Migration(1, "create_conversations", PackageResources.m0001_create_conversations_sql),
        Migration(2, "receive_messages", PackageResources.m0002_receive_messages_sql),
        Migration(3, "erase_conversations", PackageResources.m0003_erase_conversations_sql),
        Migration(4, "seal_the_trail", PackageResources.m0004_seal_the_trail_sql),
        .readScopeOnce(5),
        .countNoOrganizations(6),
    ]
}
