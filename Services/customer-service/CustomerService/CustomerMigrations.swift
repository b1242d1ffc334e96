package import Postgres

/// The schema of the customers database, oldest first.
///
/// Append only: a shipped file never changes. Run by the owner, never by the service's own role.
package enum CustomerMigrations {
    package static let all: [Migration] = [
        Migration(1, "create_customers", PackageResources.m0001_create_customers_sql),
        Migration(2, "record_consents", PackageResources.m0002_record_consents_sql),
        Migration(3, "manage_customers", PackageResources.m0003_manage_customers_sql),
        Migration(4, "count_sends", PackageResources.m0004_count_sends_sql),
        Migration(5, "erase_customers", PackageResources.m0005_erase_customers_sql),
        Migration(6, "find_parts_of_phones", PackageResources.m0006_find_parts_of_phones_sql),
        Migration(7, "seal_the_trail", PackageResources.m0007_seal_the_trail_sql),
        Migration(8, "index_phones_later", PackageResources.m0008_index_phones_later_sql),
        .readScopeOnce(9),
        Migration(10, "plan_counts", PackageResources.m0010_plan_counts_sql),
        .countNoOrganizations(11),
    ]
}
