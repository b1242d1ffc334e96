extension Migration {
    /// Keeps Postgres from learning how many of a table's rows are whose.
    ///
    /// It learns it of those who have rows when it counts, every tenth of the table or so, and takes it that nobody else has
    /// any. For an organization that came since, each index that begins with `org_id` then finds one row, and one is as good
    /// as another: to read a line of the trail by its id it walked all of the organization's in the index of entities. What was
    /// learned when the table was made stays instead: that all rows are of one organization, which the rest of a key narrows.
    ///
    /// A table that has rows already is left as it is. It locks out nothing but another count.
    package static func countNoOrganizations(_ version: Int) -> Migration {
        Migration(version, "count_no_organizations", sql: Self.noCounts, more: nil)
    }

    private static let noCounts = """
        DO $$
        DECLARE
            new_table regclass;
        BEGIN
            FOR new_table IN
                SELECT c.oid FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'org_id'
                 WHERE c.relkind = 'r' AND c.relrowsecurity AND c.relnamespace = 'public'::regnamespace
                   AND pg_relation_size(c.oid) = 0
                 ORDER BY c.relname
            LOOP
                EXECUTE format('ALTER TABLE %s ALTER COLUMN org_id SET STATISTICS 0', new_table);
            END LOOP;
        END
        $$;
        """
}
