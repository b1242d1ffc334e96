package import Postgres

/// The rules that keep organizations apart, looked up in Postgres' own catalogue.
///
/// They hold for every table that is there: a new one is covered without being named.
package enum TenantCatalog {
    /// Returns what breaks a rule, as sentences; to be asked as the service's role, in a migrated database.
    ///
    /// `directoryTables` precede any organization and lie outside the rules; `migrations` belongs to the owner alone.
    package static func violations(
        on connection: PostgresConnection,
        directoryTables: Set<String>
    ) async throws -> [String] {
        let exempt = directoryTables.sorted() + ["migrations"]
        return try await connection.transaction { connection in
            let rows = try connection.pipeline([
                self.roleRules, self.relationRules(exempt: exempt), self.policyRules(exempt: exempt),
                self.keyRules(exempt: exempt), self.foreignKeyRules(exempt: exempt), self.functionRules,
            ])
            return try rows.joined().map { try $0.get("violation") }
        }
    }

    /// The role itself: row-level security does not hold for a superuser, BYPASSRLS, or whoever may act as one.
    private static let roleRules: SQL = """
        SELECT 'role ' || current_user || ' is or may become ' || r.rolname || ', which is superuser or BYPASSRLS' AS violation
          FROM pg_roles r
         WHERE (r.rolsuper OR r.rolbypassrls) AND pg_has_role(current_user, r.oid, 'MEMBER')
        UNION ALL
        SELECT 'role ' || current_user || ' may create objects in schema ' || n.nspname
          FROM pg_namespace n
         WHERE n.nspname = 'public' AND has_schema_privilege(n.oid, 'CREATE')
        """

    /// SECURITY DEFINER runs with the owner's rights, and finds its tables where the caller's `search_path` leads.
    private static let functionRules: SQL = """
        SELECT 'function ' || p.oid::regprocedure::text || ' is SECURITY DEFINER without a fixed search_path' AS violation
          FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
         WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND p.prosecdef
           AND NOT EXISTS (SELECT FROM unnest(p.proconfig) AS setting WHERE setting LIKE 'search_path=%')
         ORDER BY 1
        """
}
