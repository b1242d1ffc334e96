import Postgres
import Shared
import TestSupport
import Testing

private let families = Migration(
    1,
    "families",
    Array(
        """
        CREATE TABLE parents (id int PRIMARY KEY);
        CREATE TABLE children (parent_id int NOT NULL CONSTRAINT child_parent REFERENCES parents);
        INSERT INTO parents SELECT generate_series(1, 10);
        GRANT SELECT, INSERT, UPDATE ON parents, children TO postgres_tests;
        """.utf8
    )
)

/// Plans are kept while a statement asks for it, and at no other time.
@Suite(.database(migrations: [families], role: "postgres_tests"), .timeLimit(.minutes(1)))
struct KeptPlansTests {
    private static let mode: SQL = "SELECT current_setting('plan_cache_mode') AS mode"
    private let pool: PostgresPool

    init() throws {
        self.pool = PostgresPool(try PostgresConfig(url: TestDatabase.url), logger: .quiet)
    }

    @Test(arguments: [
        ([false], ["force_custom_plan"]), ([true], ["force_generic_plan"]),
        ([true, true], ["force_generic_plan", "force_generic_plan"]),
        ([false, true, false], ["force_custom_plan", "force_generic_plan", "force_custom_plan"]),
        ([true, false, true], ["force_generic_plan", "force_custom_plan", "force_generic_plan"]),
    ])
    func aStatementHasItsOwnMode(keeping: [Bool], modes: [String]) async throws {
        let seen = try await self.pool.transaction(for: []) { connection in
            let results = try connection.pipeline(keeping.map { $0 ? Self.mode.withKeptPlan : Self.mode })
            let alone = [try connection.query(Self.mode.withKeptPlan), try connection.query(Self.mode)]
            return try (results + alone).map { try $0[0].get("mode", as: String.self) }
        }
        #expect(seen == modes + ["force_generic_plan", "force_custom_plan"])
    }

    @Test func aRefusedRowLeavesNothingBehind() async throws {
        let rows: SQL = "INSERT INTO children SELECT generate_series(10, 11)"
        await #expect(throws: PostgresError.foreignKeyViolation(constraint: "child_parent")) {
            try await self.pool.transaction(for: []) { connection in try connection.query(rows.withKeptPlan) }
        }
        let left = try await self.pool.transaction(for: []) { connection in
            try connection.pipeline([Self.mode, "SELECT FROM children"])
        }
        #expect(try left[0][0].get("mode") == "force_custom_plan")
        #expect(left[1].isEmpty)
    }
}
