import Postgres
import TestSupport
import Testing

private let scope = "org_id = ANY ((SELECT current_setting('app.org_ids')::uuid[])::uuid[])"

private let sound = Migration(
    1,
    "sound",
    Array(
        """
        CREATE TABLE directory (id int PRIMARY KEY, org_id uuid NOT NULL);
        CREATE TABLE parents (org_id uuid NOT NULL, id int NOT NULL, name text, PRIMARY KEY (org_id, id), UNIQUE (org_id, name));
        CREATE TABLE children (
            org_id uuid NOT NULL, id int NOT NULL, parent int, PRIMARY KEY (org_id, id),
            FOREIGN KEY (org_id, parent) REFERENCES parents (org_id, id)
        );
        CREATE INDEX ON parents (name);
        CREATE VIEW family WITH (security_invoker = true) AS SELECT * FROM parents;
        ALTER TABLE parents ALTER COLUMN org_id SET STATISTICS 0;
        ALTER TABLE children ALTER COLUMN org_id SET STATISTICS 0;
        ALTER TABLE parents ENABLE ROW LEVEL SECURITY;
        ALTER TABLE parents FORCE ROW LEVEL SECURITY;
        ALTER TABLE children ENABLE ROW LEVEL SECURITY;
        ALTER TABLE children FORCE ROW LEVEL SECURITY;
        CREATE POLICY organizations ON parents TO catalog_tests USING (\(scope)) WITH CHECK (\(scope));
        CREATE POLICY organizations ON children TO catalog_tests USING (\(scope) AND id > 0);
        CREATE POLICY adults ON children AS RESTRICTIVE TO catalog_tests USING (id < 100);
        CREATE POLICY engine ON children FOR SELECT TO catalog_engine USING (true);
        CREATE FUNCTION careful() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS 'SELECT 1';
        GRANT SELECT, INSERT, UPDATE, DELETE ON directory, parents, children TO catalog_tests;
        GRANT SELECT ON family TO catalog_tests;
        """.utf8
    )
)

/// What is done to the sound schema, by the superuser, and the violation that must be found.
private let breaches: [(script: String, violation: String)] = [
    (
        "CREATE TABLE naked (org_id uuid NOT NULL, PRIMARY KEY (org_id))",
        "public.naked has row-level security not enabled"
    ),
    ("ALTER TABLE parents DISABLE ROW LEVEL SECURITY", "public.parents has row-level security not enabled"),
    (
        "ALTER TABLE parents ALTER COLUMN org_id SET STATISTICS 100",
        "public.parents counts the rows of each organization"
    ),
    ("ALTER TABLE parents NO FORCE ROW LEVEL SECURITY", "public.parents has row-level security not forced"),
    ("CREATE TABLE rootless (id int PRIMARY KEY)", "public.rootless has no column org_id uuid NOT NULL"),
    ("CREATE TABLE loose (org_id uuid, id int)", "public.loose has no column org_id uuid NOT NULL"),
    ("CREATE TABLE typed (org_id text NOT NULL)", "public.typed has no column org_id uuid NOT NULL"),
    (
        "CREATE TABLE parts (org_id uuid NOT NULL) PARTITION BY HASH (org_id)",
        "public.parts has row-level security not enabled"
    ),
    ("CREATE TABLE keyless (org_id uuid NOT NULL)", "table keyless has no primary key"),
    (
        "CREATE TABLE k (org_id uuid NOT NULL, id int, PRIMARY KEY (id, org_id))",
        "primary key k_pkey of k does not start with org_id"
    ),
    ("CREATE UNIQUE INDEX names ON parents (name)", "unique index names of parents does not start with org_id"),
    ("CREATE UNIQUE INDEX names ON parents (lower(name))", "unique index names of parents does not start with org_id"),
    (
        "ALTER TABLE children ADD CONSTRAINT u UNIQUE (id, org_id)",
        "unique index u of children does not start with org_id"
    ),
    (
        "ALTER TABLE children ADD CONSTRAINT f FOREIGN KEY (parent) REFERENCES directory (id)",
        "foreign key f of children does not start with org_id"
    ),
    (
        "CREATE UNIQUE INDEX a ON parents (id, org_id); ALTER TABLE children ADD CONSTRAINT f FOREIGN KEY (org_id, id) "
            + "REFERENCES parents (org_id, id); ALTER TABLE directory ADD CONSTRAINT g FOREIGN KEY (id, org_id) REFERENCES parents (id, org_id)",
        "foreign key g of directory does not start with org_id"
    ),
    (
        "CREATE POLICY all_rows ON parents USING (true)",
        "policy all_rows on parents opens other rows than those of app.org_ids"
    ),
    (
        "CREATE POLICY r ON parents FOR SELECT TO catalog_tests USING (true)",
        "policy r on parents opens other rows than those of app.org_ids"
    ),
    (
        "CREATE POLICY w ON parents FOR INSERT WITH CHECK (true)",
        "policy w on parents opens other rows than those of app.org_ids"
    ),
    (
        "CREATE POLICY c ON parents USING (\(scope)) WITH CHECK (true)",
        "policy c on parents opens other rows than those of app.org_ids"
    ),
    (
        "CREATE POLICY o ON parents USING (\(scope) OR id = 1)",
        "policy o on parents opens other rows than those of app.org_ids"
    ),
    (
        "CREATE POLICY p ON parents USING ((\(scope) AND id = 1) OR true)",
        "policy p on parents opens other rows than those of app.org_ids"
    ),
    (
        "CREATE POLICY soft ON parents USING (org_id = ANY ((SELECT current_setting('app.org_ids', true)::uuid[])::uuid[]))",
        "policy soft on parents opens other rows than those of app.org_ids"
    ),
    // The same rows, for many times the price.
    (
        "CREATE POLICY slow ON parents USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))",
        "policy slow on parents opens other rows than those of app.org_ids"
    ),
    ("GRANT catalog_engine TO catalog_tests", "policy engine on children opens other rows than those of app.org_ids"),
    ("CREATE VIEW peep AS SELECT * FROM parents", "public.peep is a view without security_invoker"),
    (
        "CREATE VIEW peep WITH (security_invoker = false) AS SELECT 1 AS n",
        "public.peep is a view without security_invoker"
    ),
    (
        "CREATE MATERIALIZED VIEW peep AS SELECT * FROM parents",
        "public.peep is a materialized view, which has no row-level security"
    ),
    ("CREATE SCHEMA aside; CREATE TABLE aside.t (id int)", "aside.t lies outside schema public"),
    (
        "CREATE FUNCTION careless() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
        "function careless() is SECURITY DEFINER without a fixed search_path"
    ),
    (
        "ALTER TABLE parents OWNER TO catalog_tests",
        "public.parents belongs to the role catalog_tests, which could disable its row-level security"
    ),
    ("GRANT TRUNCATE ON parents TO catalog_tests", "public.parents may be truncated, which no policy sees"),
    ("GRANT TRIGGER ON parents TO catalog_tests", "public.parents may be given triggers by the role"),
    (
        "GRANT REFERENCES (id) ON parents TO catalog_tests",
        "public.parents may be referenced by keys, whose checks no policy sees"
    ),
    ("GRANT UPDATE (name) ON migrations TO catalog_tests", "public.migrations may be written by the role"),
    ("GRANT DELETE ON migrations TO PUBLIC", "public.migrations may be written by the role"),
    ("GRANT CREATE ON SCHEMA public TO catalog_tests", "role catalog_tests may create objects in schema public"),
]

/// Serialized, because roles belong to the whole server.
@Suite(
    .database(migrations: [sound], role: "catalog_tests", extraRoles: ["catalog_engine"]),
    .serialized,
    .timeLimit(.minutes(5))
)
struct TenantCatalogTests {
    private func violations(on connection: PostgresConnection) async throws -> [String] {
        try await TenantCatalog.violations(on: connection, directoryTables: ["directory"])
    }

    @Test func aSoundSchemaHasNone() async throws {
        #expect(try await self.violations(on: TestDatabase.connection) == [])
    }

    @Test func aDirectoryThatIsNotNamedIsATableLikeAnyOther() async throws {
        let found = try await TenantCatalog.violations(on: TestDatabase.connection, directoryTables: [])
        #expect(found.contains("public.directory has row-level security not enabled"))
        #expect(found.contains("primary key directory_pkey of directory does not start with org_id"))
    }

    @Test(arguments: breaches) func eachBreachIsFound(_ breach: (script: String, violation: String)) async throws {
        let admin = try await PostgresConnection(TestDatabase.url(as: "postgres"))
        try await admin.execute(script: breach.script)
        #expect(try await self.violations(on: TestDatabase.connection).contains(breach.violation))
        try await admin.execute(script: "REVOKE catalog_engine FROM catalog_tests")
        await admin.close()
    }

    @Test(arguments: ["SUPERUSER", "BYPASSRLS"]) func aRoleThatRulesDoNotBindIsFound(attribute: String) async throws {
        let admin = try await PostgresConnection(TestDatabase.url(as: "postgres"))
        try await admin.execute(script: "ALTER ROLE catalog_tests \(attribute)")
        let found = try await self.violations(on: TestDatabase.connection)
        try await admin.execute(script: "ALTER ROLE catalog_tests NO\(attribute)")
        await admin.close()
        #expect(
            found.contains { $0.hasPrefix("role catalog_tests is or may become catalog_tests, which is superuser") }
        )
    }
}
