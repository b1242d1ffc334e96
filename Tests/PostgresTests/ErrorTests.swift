import Postgres
import TestSupport
import Testing

private let schema = """
    CREATE TABLE parents (id int PRIMARY KEY);
    CREATE TABLE children (
        id     int  CONSTRAINT child_taken UNIQUE,
        parent int  CONSTRAINT child_parent REFERENCES parents (id),
        age    int  NOT NULL DEFAULT 1 CONSTRAINT child_age CHECK (age > 0)
    );
    INSERT INTO parents VALUES (1);
    INSERT INTO children VALUES (1, 1, 1);
    GRANT ALL ON parents, children TO postgres_tests;
    """

private let failures: [(sql: SQL, error: PostgresError)] = [
    ("INSERT INTO children (id) VALUES (\(1)::int)", .uniqueViolation(constraint: "child_taken")),
    ("INSERT INTO parents (id) VALUES (\(1)::int)", .uniqueViolation(constraint: "parents_pkey")),
    ("INSERT INTO children (age) VALUES (\(0)::int)", .checkViolation(constraint: "child_age")),
    ("INSERT INTO children (parent) VALUES (\(2)::int)", .foreignKeyViolation(constraint: "child_parent")),
    ("DELETE FROM parents WHERE id = \(1)::int", .foreignKeyViolation(constraint: "child_parent")),
    ("INSERT INTO children (age) VALUES (\(Int?.none)::int)", .notNullViolation(column: "age")),
    ("SELECT 1 / \(0)::int", .server(sqlState: "22012", message: "division by zero")),
    (
        "SELECT * FROM nowhere",
        .server(sqlState: "42P01", message: "relation \"nowhere\" does not exist")
    ),
]

@Suite(.database(migrations: [Migration(1, "families", Array(schema.utf8))], role: "postgres_tests"))
struct ErrorTests {
    let connection = TestDatabase.connection

    /// A full disk or too many connections: who makes room need do no more.
    @Test(arguments: [("53100", true), ("53200", true), ("53300", true), ("42601", false), ("XX000", false)])
    func whatTheServerHasTooLittleOfPassesByItself(sqlState: String, isTemporary: Bool) {
        #expect(PostgresError.server(sqlState: sqlState, message: "x").isTemporary == isTemporary)
    }

    @Test(arguments: failures) func eachFailureIsNamed(_ failure: (sql: SQL, error: PostgresError)) async throws {
        await #expect(throws: failure.error) { try await self.connection.query(failure.sql) }
        await #expect(throws: failure.error) { try await self.connection.pipeline(["SELECT 1", failure.sql]) }
        try await self.connection.query("SELECT 1")
    }

    /// The server quotes the value at fault, which may be anyone's address.
    @Test(
        arguments: [
            "SELECT \("secret\"quoted")::text::uuid", "SELECT \("secret")::text::int",
            "SELECT \("{secret")::text::int[]",
            "SELECT \("secret")::text::timestamptz", "SELECT \("secret")::text::jsonb",
            "SELECT \("secret")::text::boolean", "SELECT \("secret")::text::numeric",
        ] as [SQL]
    )
    func noMessageHoldsAValue(sql: SQL) async throws {
        let error = await #expect(throws: PostgresError.self) { try await self.connection.query(sql) }
        #expect(!"\(try #require(error))".contains("secret"))
        #expect(!"\(try #require(error))".contains("quoted"))
    }

    @Test(.timeLimit(.minutes(5))) func aSlowStatementIsCancelled() async throws {
        let config = try PostgresConfig(url: TestDatabase.url, statementTimeout: .milliseconds(50))
        let pool = PostgresPool(config, logger: .quiet)
        await #expect(throws: PostgresError.statementTimeout) {
            try await pool.run { connection in try connection.query("SELECT pg_sleep(10)") }
        }
        // The server may be too busy to answer even this in time.
        try await eventually {
            do {
                try await pool.ping()
                return true
            } catch PostgresError.statementTimeout {
                return false
            }
        }
    }

    @Test(.timeLimit(.minutes(5))) func aLockIsWaitedForOnlyAsLongAsAllowed() async throws {
        let other = try await PostgresConnection(TestDatabase.url)
        try await other.execute(script: "BEGIN; LOCK TABLE parents")
        await #expect(throws: PostgresError.lockTimeout) {
            try await self.connection.transaction(lockTimeout: .milliseconds(20)) { connection in
                try connection.query("SELECT * FROM parents")
            }
        }
        let rows = try await self.connection.query("SELECT current_setting('lock_timeout') AS timeout")
        #expect(try rows[0].get("timeout") == "0")
    }

    @Test(.timeLimit(.minutes(5))) func ofTwoThatDeadlockBothSucceedInThePool() async throws {
        let pool = PostgresPool(try PostgresConfig(url: TestDatabase.url), logger: .quiet)
        try await self.connection.execute(script: "INSERT INTO parents VALUES (2)")
        try await withThrowingDiscardingTaskGroup { group in
            for order in [[1, 2], [2, 1]] {
                group.addTask {
                    try await pool.transaction(for: []) { connection in
                        for id in order {
                            try connection.query("SELECT id FROM parents WHERE id = \(id)::int FOR UPDATE")
                            try connection.query("SELECT pg_sleep(0.1)")
                        }
                    }
                }
            }
        }
    }
}
