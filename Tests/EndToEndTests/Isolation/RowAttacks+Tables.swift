import Postgres
import Shared

extension RowAttacks {
    /// What succeeded against one table in which the victim has rows.
    func breaches(of table: String) async throws -> [String] {
        try await self.reads(of: table) + self.additions(table) + self.changes(table) + self.readsAsOwner(table)
            + self.changesOfTheTable(table)
    }

    /// What of the victim's rows is seen through one table or view.
    func reads(of table: String) async throws -> [String] {
        try await self.readsWithoutScope(table) + self.readsUnderAnothers(table)
    }

    private var asAttacker: String { "BEGIN; SET LOCAL app.org_ids = '{\(self.attacker)}'" }
    private var asVictim: String { "BEGIN; SET LOCAL app.org_ids = '{\(self.victim)}'" }

    /// No row, but an error: who forgot the scope hears of it.
    private func readsWithoutScope(_ table: String) async throws -> [String] {
        let read = "SELECT 1 FROM \(table)"
        let cases = [
            ("without a scope", nil), ("after a commit", "\(self.asVictim); COMMIT"),
            ("after a rollback", "\(self.asVictim); ROLLBACK"),
            ("with row_security off", "\(self.asAttacker); SET LOCAL row_security = off"),
            ("with an empty scope", "SET app.org_ids = ''"),
        ]
        var breaches: [String] = []
        for (name, preparation) in cases where try await self.error(of: read, after: preparation) == nil {
            breaches.append("\(table) can be read \(name)")
        }
        return breaches
    }

    /// The attacker's scope shows none of the victim's rows, whatever stands between.
    private func readsUnderAnothers(_ table: String) async throws -> [String] {
        let seen = "RAISE EXCEPTION 'seen'"
        let spy = """
            CREATE FUNCTION pg_temp.spy(org uuid) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS
            $$ BEGIN IF org = '\(self.victim)' THEN \(seen); END IF; RETURN true; END $$
            """
        let definer = """
            CREATE FUNCTION pg_temp.peep() RETURNS SETOF uuid LANGUAGE sql SECURITY DEFINER AS 'SELECT org_id FROM \(table)'
            """
        let cases = [
            ("as it is", "", table),
            ("by its name", "", "(SELECT * FROM \(table) WHERE org_id = '\(self.victim)') AS t"),
            ("through a view", "CREATE TEMP VIEW peep AS SELECT org_id FROM \(table);", "peep"),
            ("through a function", "\(definer);", "(SELECT peep AS org_id FROM pg_temp.peep()) AS t"),
            (
                "by a cheap function in its condition", "\(spy);",
                "(SELECT org_id FROM \(table) WHERE pg_temp.spy(org_id)) AS t"
            ),
            ("with a join", "", "(SELECT b.org_id FROM \(table) a RIGHT JOIN \(table) b ON true) AS t"),
        ]
        var breaches: [String] = []
        for (name, preparation, from) in cases {
            let raise =
                "DO $$ BEGIN IF EXISTS (SELECT FROM \(from) WHERE org_id = '\(self.victim)') THEN \(seen); END IF; END $$"
            let error = try await self.error(of: "\(self.asAttacker); \(preparation) \(raise); COMMIT")
            if case .server(let state, _) = error, state == "P0001" {
                breaches.append("\(table) shows another's rows, \(name)")
            } else if let error, !error.isRefusal {
                breaches.append("\(table) \(name): \(error)")
            }
        }
        return breaches
    }

    /// A copy of the victim's row, by the attacker.
    private func additions(_ table: String) async throws -> [String] {
        let superuser = try await PostgresConnection(self.superuserURL)
        let select = SQL(stringLiteral: "SELECT to_jsonb(t)::text AS row FROM \(table) t")
        let row = try await superuser.query("\(select) WHERE org_id = \(self.victim) LIMIT 1").first
        let columns = try await superuser.query(
            """
            SELECT string_agg(quote_ident(attname), ', ') AS list FROM pg_attribute
             WHERE attrelid = \(table)::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
            """
        ).first
        await superuser.close()
        let list = try columns?.get("list", as: String.self) ?? ""
        let json = try row?.get("row", as: String.self) ?? ""
        let copy = SQL(
            stringLiteral: "INSERT INTO \(table) (\(list)) SELECT \(list) FROM jsonb_populate_record(NULL::\(table), "
        )
        let connection = try await PostgresConnection(self.url)
        try await connection.execute(script: self.asAttacker)
        let error = await self.error { try await connection.query("\(copy)\(json)::jsonb)") }
        await connection.close()
        return error?.isRefusal == true ? [] : ["\(table) takes a row for another: \(error.map { "\($0)" } ?? "done")"]
    }

    /// A row goes to nobody else, and nobody else's is changed or removed.
    private func changes(_ table: String) async throws -> [String] {
        var breaches: [String] = []
        let move = "UPDATE \(table) SET org_id = '\(self.attacker)'"
        let moved = try await self.error(of: move, after: self.asVictim)
        if moved?.isRefusal != true { breaches.append("\(table) lets a row move: \(moved.map { "\($0)" } ?? "done")") }
        for change in ["UPDATE \(table) SET org_id = org_id", "DELETE FROM \(table)"] {
            let script = """
                DO $$ BEGIN \(change) WHERE org_id = '\(self.victim)'; IF FOUND THEN RAISE EXCEPTION 'seen'; END IF; END $$
                """
            let error = try await self.error(of: script, after: self.asAttacker)
            if let error, !error.isRefusal { breaches.append("\(change) reaches another's rows: \(error)") }
        }
        return breaches
    }

    /// FORCE: who owns the tables, and runs the migrations, reads no more than others.
    private func readsAsOwner(_ table: String) async throws -> [String] {
        let owner = try await PostgresConnection(self.ownerURL)
        var breaches: [String] = []
        for (name, scope) in [("", "BEGIN"), (" in their scope", self.asVictim)] {
            let raise = "DO $$ BEGIN IF EXISTS (SELECT FROM \(table)) THEN RAISE EXCEPTION 'seen'; END IF; END $$"
            let error = await self.error { try await owner.execute(script: "\(scope); \(raise)") }
            if case .server("P0001", _) = error { breaches.append("\(table) shows its owner rows\(name)") }
            try await owner.execute(script: "ROLLBACK")
        }
        await owner.close()
        return breaches
    }

    private func changesOfTheTable(_ table: String) async throws -> [String] {
        let scripts = [
            "ALTER TABLE \(table) DISABLE ROW LEVEL SECURITY", "ALTER TABLE \(table) NO FORCE ROW LEVEL SECURITY",
            "CREATE POLICY mine ON \(table) USING (true)", "ALTER TABLE \(table) OWNER TO \(self.role)",
            "TRUNCATE \(table)",
            "CREATE TRIGGER mine BEFORE INSERT ON \(table) EXECUTE FUNCTION suppress_redundant_updates_trigger()",
            "CREATE RULE mine AS ON SELECT TO \(table) DO INSTEAD SELECT 1",
            "GRANT SELECT ON \(table) TO PUBLIC WITH GRANT OPTION",
        ]
        var breaches: [String] = []
        for script in scripts where try await self.error(of: script) == nil { breaches.append("\(script) is allowed") }
        return breaches
    }
}

extension PostgresError {
    /// Whether row-level security, or a missing privilege, is what stopped a statement.
    fileprivate var isRefusal: Bool {
        if case .server("42501", _) = self { true } else { false }
    }
}
