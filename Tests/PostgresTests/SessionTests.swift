import Configuration
import Postgres
import Shared
import TestSupport
import Testing

private let settings = [
    ("TimeZone", "UTC"), ("DateStyle", "ISO, MDY"), ("bytea_output", "hex"), ("client_encoding", "UTF8"),
    ("statement_timeout", "7s"), ("idle_in_transaction_session_timeout", "10s"), ("application_name", "sessiontests"),
]

@Suite(.database(migrations: [], role: "postgres_tests"), .timeLimit(.minutes(5)))
struct SessionTests {
    @Test(arguments: settings) func aPooledSessionHasItsSettings(setting: (name: String, value: String)) async throws {
        let config = try PostgresConfig(
            url: "\(TestDatabase.url) options='-c work_mem=1MB'",
            statementTimeout: .seconds(7),
            name: "sessiontests"
        )
        let pool = PostgresPool(config, logger: .quiet)
        let values = try await pool.run { connection in
            try connection.query("SELECT current_setting(\(setting.name)) AS v, current_setting('work_mem') AS own")
        }
        #expect(try values[0].get("v") == setting.value)
        // The options of the connection string hold beside ours.
        #expect(try values[0].get("own") == "1MB")
    }

    @Test func aURIConnectsToo() async throws {
        let rows = try await TestDatabase.connection.query(
            "SELECT current_setting('port') AS port, current_database()::text AS name, current_user::text AS role"
        )
        let row = rows[0]
        let uri =
            try "postgresql://\(row.get("role", as: String.self)):p%40ss@127.0.0.1:\(row.get("port", as: String.self))/"
            + row.get("name", as: String.self)
        let connection = try await PostgresConnection(uri)
        let answer = try await connection.query("SELECT current_setting('DateStyle') AS v")
        #expect(try answer[0].get("v") == "ISO, MDY")
    }

    /// libpq's own messages quote what they could not read.
    @Test(arguments: [
        "postgres://u:hunter@2@127.0.0.1:1/db", "postgres://u:hunter/2@127.0.0.1:1/db",
        "password=hunter 2 host=127.0.0.1",
        "postgresql://u:hunter%zz@127.0.0.1/db", "host=127.0.0.1 port=1 password=hunter2", "hunter2",
        "postgresql://u:hunter2@127.0.0.1:1/db?nonsense=hunter2", "host=127.0.0.1 port=1 password='hunter2",
    ])
    func noMessageHoldsThePassword(url: String) async throws {
        let error = await #expect(throws: PostgresError.self) { try await PostgresConnection(url) }
        #expect(!"\(try #require(error))".contains("hunter"))
        guard case .unavailable = error else {
            Issue.record("expected unavailable, got \(String(describing: error))")
            return
        }
    }

    @Test func aMigrationWhileRunningIsSurvivedByPreparedStatements() async throws {
        let pool = PostgresPool(try PostgresConfig(url: TestDatabase.url, poolSize: 1), logger: .quiet)
        try await pool.run { connection in
            try connection.execute(script: "CREATE TEMP TABLE t (n int); INSERT INTO t VALUES (1)")
            try connection.query("SELECT * FROM t")
            try connection.execute(script: "ALTER TABLE t ALTER n TYPE text, ADD COLUMN m int DEFAULT 2")
        }
        let rows = try await pool.transaction(for: []) { connection in try connection.query("SELECT * FROM t") }
        #expect(try rows[0].get("n") == "1")
        #expect(try rows[0].get("m") == 2)
    }

    @Test func aNULInAPipelineLeavesTheConnectionUsable() async throws {
        let connection = TestDatabase.connection
        await #expect(throws: PostgresError.self) {
            try await connection.pipeline(["SELECT 1", "SELECT \("a\u{0}b")::text"])
        }
        let rows = try await connection.pipeline(["SELECT 1 AS n", "SELECT 2 AS n"])
        #expect(try rows.map { try $0[0].get("n", as: Int.self) } == [1, 2])
    }

    @Test func configurationIsReadWithItsDefaults() async throws {
        let config = try await PostgresConfig(reader: reader(["url": "host=x"]))
        #expect(config.url == "host=x")
        #expect(config.poolSize == 8)
        #expect(config.statementTimeout == .seconds(5))
        #expect(config.acquireTimeout == .seconds(2))
        #expect(config.name == "herald")
    }

    @Test(arguments: [
        ("poolSize", "0"), ("poolSize", "65"), ("statementTimeout", "0"), ("statementTimeout", "301"),
        ("acquireTimeout", "0"), ("acquireTimeout", "61"), ("name", String(repeating: "x", count: 64)),
    ])
    func whatIsOutOfRangeIsRefusedByName(key: String, value: String) async throws {
        let failure = await #expect(throws: ConfigFailure.self) {
            try await PostgresConfig(reader: reader(["url": "host=x", key: value]))
        }
        #expect(failure?.key == key)
    }

    @Test(arguments: [[:], ["url": "host=x", "poolSize": "many"]]) func whatIsMissingOrMalformedIsRefused(
        values: [String: String]
    ) async throws {
        await #expect(throws: (any Error).self) { try await PostgresConfig(reader: reader(values)) }
    }
}

private func reader(_ values: [String: String]) -> ConfigReader {
    ConfigReader(
        provider: EnvironmentVariablesProvider(
            environmentVariables: Dictionary(
                uniqueKeysWithValues: values.map { (key, value) in
                    (key.map { $0.isUppercase ? "_\($0)" : $0.uppercased() }.joined(), value)
                }
            )
        )
    )
}
