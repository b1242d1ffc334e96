import Postgres
import Shared
import TestSupport
import Testing

private let schema = Migration(
    1,
    "things",
    Array(
        """
        CREATE TABLE things (
            org_id uuid NOT NULL, id uuid NOT NULL, kind text NOT NULL, body text NOT NULL, PRIMARY KEY (org_id, id)
        );
        CREATE INDEX things_of_kind ON things (org_id, kind, id);
        ALTER TABLE things ALTER COLUMN org_id SET (n_distinct = 1);
        INSERT INTO things SELECT gen_random_uuid(), gen_random_uuid(), 'new', '' FROM generate_series(1, 1000);
        ANALYZE things;
        TRUNCATE things;
        CREATE TABLE old_things (org_id uuid NOT NULL PRIMARY KEY);
        INSERT INTO old_things VALUES (gen_random_uuid());
        ALTER TABLE things ENABLE ROW LEVEL SECURITY;
        ALTER TABLE old_things ENABLE ROW LEVEL SECURITY;
        CREATE POLICY organizations ON things TO count_tests
            USING (org_id = ANY ((SELECT current_setting('app.org_ids')::uuid[])::uuid[]));
        GRANT SELECT, INSERT ON things TO count_tests;
        """.utf8
    )
)

/// An organization that came after Postgres last counted, beside one that was there.
@Suite(.database(migrations: [schema, .countNoOrganizations(2)], role: "count_tests"), .timeLimit(.minutes(5)))
struct OrganizationCountTests {
    private let old = OrgID.new()
    private let new = OrgID.new()

    private func fill(_ orgID: OrgID, _ count: Int) async throws {
        try await TestDatabase.connection.transaction(for: [orgID]) { connection in
            try connection.query(
                """
                INSERT INTO things SELECT \(orgID), gen_random_uuid(), 'usual', repeat('x', 100)
                  FROM generate_series(1, \(count)::int)
                """
            )
        }
    }

    @Test func itsRowsAreFoundByTheirKeys() async throws {
        try await self.fill(self.old, 5000)
        let admin = try await PostgresConnection(TestDatabase.url(as: "postgres"))
        try await admin.execute(script: "ANALYZE things")
        await admin.close()
        try await self.fill(self.new, 10_000)
        let plan = try await TestDatabase.connection.transaction(for: [self.new]) { connection in
            try connection.explain(
                "SELECT body FROM things WHERE org_id = \(self.new) AND id = '00000000-0000-0000-0000-000000000001'"
            )
        }
        #expect(plan.contains { $0.contains("using things_pkey ") }, "\(plan.joined(separator: "\n"))")
    }

    /// Of what it holds somebody may have been counted.
    @Test func aTableWithRowsIsLeftAsItIs() async throws {
        let targets = try await TestDatabase.connection.query(
            """
            SELECT attrelid::regclass::text AS name, attstattarget::int AS target FROM pg_attribute
             WHERE attname = 'org_id' AND attrelid IN ('things'::regclass, 'old_things'::regclass) ORDER BY 1
            """
        )
        #expect(try targets.map { try $0.get("name", as: String.self) } == ["old_things", "things"])
        #expect(try targets.map { try $0.get("target", as: Int.self) == 0 } == [false, true])
    }
}
