import Postgres
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5)))
struct TestDatabaseTests {
    private static func spec(_ role: String, _ extraRoles: [String]) -> DatabaseSpec {
        let sql =
            "CREATE TABLE \(role)_things (id int); GRANT SELECT ON \(role)_things TO \(([role] + extraRoles).joined(separator: ", "))"
        return DatabaseSpec(
            migrations: [Migration(1, "things", Array(sql.utf8))],
            role: role,
            extraRoles: extraRoles
        )
    }

    @Test func severalDatabasesAreThereAtOnceAndGoneAfterwards() async throws {
        let specs = [Self.spec("test_a", ["test_a_engine"]), Self.spec("test_b", [])]
        let names = try await withDatabases(specs) { urls in
            #expect(urls.keys.sorted() == ["test_a", "test_a_engine", "test_b"])
            var names: Set<String> = []
            for (role, url) in urls {
                let connection = try await PostgresConnection(url)
                let table = role == "test_b" ? "test_b_things" : "test_a_things"
                let rows = try await connection.query(
                    """
                    SELECT current_database()::text AS name, current_user::text AS role,
                           (SELECT tableowner::text FROM pg_tables WHERE tablename = \(table)) AS owner
                    """
                )
                #expect(try rows[0].get("role") == role)
                #expect(try rows[0].get("owner") == TestServer.owner)
                names.insert(try rows[0].get("name"))
                await connection.close()
            }
            return names
        }
        #expect(names.count == 2)
        let admin = try await PostgresConnection(TestServer.url(database: "postgres", role: "postgres"))
        let left = try await admin.query("SELECT 1 FROM pg_database WHERE datname = ANY (\(Array(names))::text[])")
        #expect(left.isEmpty)
        await admin.close()
    }
}

@Suite(.database(migrations: [], role: "test_a", extraRoles: ["test_a_engine"]))
struct TestDatabaseRoleTests {
    @Test(arguments: ["test_a", "test_a_engine", "herald_owner", "postgres"]) func eachRoleReachesTheDatabase(
        role: String
    ) async throws {
        let name: SQL = "SELECT current_database()::text AS name, current_user::text AS role"
        let mine = try await TestDatabase.connection.query(name)
        let connection = try await PostgresConnection(TestDatabase.url(as: role))
        let theirs = try await connection.query(name)
        #expect(try theirs[0].get("name", as: String.self) == mine[0].get("name", as: String.self))
        #expect(try theirs[0].get("role") == role)
    }
}
