import Postgres
import Shared
import TestSupport

/// What somebody who has got hold of a service's own role tries in its database, in every table of organizations' rows.
struct RowAttacks: Sendable {
    let role: String
    /// Connects as `role`.
    let url: String
    /// Tables that are left out: those that precede any organization, and hold ids alone.
    let directories: Set<String>
    let victim: OrgID
    let attacker: OrgID

    /// The one function that runs as the owner, and what it sees for that: the trail of the transaction's organizations.
    private static let narrow: Set = [
        "redact_audit_events(uuid,uuid[],uuid) runs with another's rights",
        "audit_events shows its owner rows in their scope",
    ]

    var ownerURL: String { self.url.replacing("user=\(self.role)", with: "user=\(TestServer.owner)") }
    var superuserURL: String { self.url.replacing("user=\(self.role)", with: "user=postgres") }

    /// Where the victim has rows, and where nobody has any to lose.
    struct Tables: Sendable {
        var filled: [String] = []
        var empty: [String] = []
        var views: [String] = []
    }

    func tables() async throws -> Tables {
        let superuser = try await PostgresConnection(self.superuserURL)
        let names = try await superuser.query(
            """
            SELECT c.relname::text AS name, c.relkind = 'v' AS is_view FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'org_id'
             WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND NOT a.attisdropped ORDER BY 1
            """
        ).map { (try $0.get("name", as: String.self), try $0.get("is_view", as: Bool.self)) }
        var tables = Tables()
        for (name, isView) in names where !self.directories.contains(name) {
            let from = SQL(stringLiteral: "SELECT count(*) AS count FROM \(name)")
            let count = try await superuser.query("\(from) WHERE org_id = \(self.victim)").first?.get(
                "count",
                as: Int.self
            )
            switch (count ?? 0 > 0, isView) {
            case (false, _): tables.empty.append(name)
            case (true, false): tables.filled.append(name)
            case (true, true): tables.views.append(name)
            }
        }
        await superuser.close()
        return tables
    }

    /// Returns what succeeded, as sentences.
    func breaches() async throws -> [String] {
        let tables = try await self.tables()
        var breaches = try await self.breachesOfTheRole()
        for table in tables.filled { breaches += try await self.breaches(of: table) }
        for view in tables.views { breaches += try await self.reads(of: view) }
        return breaches.filter { !Self.narrow.contains($0) }.map { "\(self.role): \($0)" }
    }

    /// What would give the role the rights of another, or a place of its own in the schema.
    private func breachesOfTheRole() async throws -> [String] {
        let scripts = [
            "SET ROLE \(TestServer.owner)", "SET ROLE postgres", "SET SESSION AUTHORIZATION postgres",
            "ALTER ROLE \(self.role) BYPASSRLS", "ALTER ROLE \(self.role) SUPERUSER",
            "SET session_replication_role = replica", "CREATE TABLE public.mine (id int)", "CREATE SCHEMA mine",
            "CREATE VIEW public.mine AS SELECT 1",
            "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "CREATE EXTENSION dblink", "SELECT pg_read_file('/etc/passwd')", "SELECT rolpassword FROM pg_authid",
            "COPY (SELECT 1) TO PROGRAM 'true'", "DO LANGUAGE plpython3u 'pass'",
        ]
        var breaches: [String] = []
        for script in scripts where try await self.error(of: script) == nil { breaches.append("\(script) is allowed") }
        let connection = try await PostgresConnection(self.url)
        let several = await self.error { _ = try await connection.query("SELECT 1 AS a; SELECT 2 AS a") }
        if several == nil { breaches.append("one call runs several statements") }
        let functions = try await connection.query(
            """
            SELECT p.oid::regprocedure::text AS name FROM pg_proc p
             WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef AND has_function_privilege(p.oid, 'EXECUTE')
               AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
            """
        ).map { try "\($0.get("name", as: String.self)) runs with another's rights" }
        await connection.close()
        return breaches + functions
    }

    /// What a script fails with on a connection of its own; nil when it does not.
    func error(of script: String, after preparation: String? = nil) async throws -> PostgresError? {
        let connection = try await PostgresConnection(self.url)
        if let preparation { try await connection.execute(script: preparation) }
        let error = await self.error { try await connection.execute(script: script) }
        await connection.close()
        return error
    }

    func error(_ body: () async throws -> Void) async -> PostgresError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? PostgresError ?? .unavailable("\(error)")
        }
    }
}
