import Logging
import TestSupport
import Testing

@testable import Postgres

private func migration(_ version: Int, _ name: String, _ sql: String) -> Migration {
    Migration(version, name, Array(sql.utf8))
}

private let first = migration(1, "first", "CREATE TABLE first (id int); GRANT SELECT ON first TO postgres_tests")
private let second = migration(2, "second", "CREATE TABLE second (id int)")

/// In databases without migrations, whose owner is `herald_owner`.
@Suite(.database(migrations: [], role: "postgres_tests"), .timeLimit(.minutes(5)))
struct MigrationTests {
    private func owner() async throws -> PostgresConnection {
        try await PostgresConnection(TestDatabase.url(as: TestServer.owner))
    }

    private func versions() async throws -> [Int] {
        try await self.owner().query("SELECT version FROM migrations ORDER BY 1").map { try $0.get("version") }
    }

    @Test func eachIsAppliedOnceAndRecorded() async throws {
        let owner = try await self.owner()
        try await owner.migrate(to: [first])
        try await owner.migrate(to: [first, second])
        try await owner.migrate(to: [first, second])
        let rows = try await owner.query(
            "SELECT version, name, applied_at > now() - interval '1 minute' AS is_recent FROM migrations ORDER BY 1"
        )
        #expect(try rows.map { try $0.get("name", as: String.self) } == ["first", "second"])
        #expect(try rows.allSatisfy { try $0.get("is_recent") })
    }

    @Test func twoProcessesAtOnceDoNotDisturbEachOther() async throws {
        let url = TestDatabase.url(as: TestServer.owner)
        let slow = migration(3, "slow", "SELECT pg_sleep(0.1); CREATE TABLE third (id int)")
        try await withThrowingDiscardingTaskGroup { group in
            for _ in 0..<4 {
                group.addTask { try await Migrations.run([first, second, slow], ownerURL: url, logger: .quiet) }
            }
        }
        #expect(try await self.versions() == [1, 2, 3])
    }

    @Test func aFailingMigrationLeavesNothing() async throws {
        let bad = migration(2, "bad", "CREATE TABLE half (id int); SELECT 1 / 0; CREATE TABLE whole (id int)")
        let owner = try await self.owner()
        await #expect(throws: PostgresError.server(sqlState: "22012", message: "division by zero")) {
            try await owner.migrate(to: [first, bad])
        }
        #expect(try await self.versions() == [1])
        let rows = try await owner.query("SELECT to_regclass('half') IS NULL AS is_gone")
        #expect(try rows[0].get("is_gone") == true)
        try await owner.migrate(to: [first, second])
        #expect(try await self.versions() == [1, 2])
    }

    @Test(arguments: [
        ([first], MigrationFailure.databaseIsNewer(version: 2, newestKnown: 1)),
        ([], .databaseIsNewer(version: 2, newestKnown: 0)),
        (
            [first, migration(2, "other", "")],
            .nameDiffers(version: 2, inDatabase: "second", inProgram: "other")
        ),
        ([second, first], .versionsDoNotAscend(version: 1)),
        ([first, first, second], .versionsDoNotAscend(version: 1)),
    ])
    func aContradictionIsRefused(migrations: [Migration], failure: MigrationFailure) async throws {
        let owner = try await self.owner()
        try await owner.migrate(to: [first, second])
        await #expect(throws: failure) { try await owner.migrate(to: migrations) }
        #expect(try await self.versions() == [1, 2])
    }

    @Test func oneThatWasInsertedLaterIsRefused() async throws {
        let owner = try await self.owner()
        try await owner.migrate(to: [second])
        await #expect(throws: MigrationFailure.insertedBefore(version: 1, newestApplied: 2)) {
            try await owner.migrate(to: [first, second])
        }
    }

    /// The pause after the lock timeout is where the lock is released, so the second try gets it.
    @Test func aMigrationThatWaitsForALockIsTriedAgain() async throws {
        let owner = try await self.owner()
        try await owner.migrate(to: [first])
        let blocker = try await self.owner()
        try await blocker.execute(script: "BEGIN; LOCK TABLE first")
        let clock = HookClock { try await blocker.execute(script: "COMMIT") }
        let alter = migration(2, "alter", "SET LOCAL lock_timeout = '20ms'; ALTER TABLE first ADD COLUMN name text")
        try await owner.migrate(to: [first, alter], clock: clock)
        #expect(try await self.versions() == [1, 2])
    }

    /// The parts that are done stay done when the lock of a later one is not to be had at once.
    @Test func aMigrationInPartsTakesATransactionForEach() async throws {
        let owner = try await self.owner()
        try await owner.execute(script: "CREATE TABLE parts (number serial, transaction bigint DEFAULT txid_current())")
        try await owner.migrate(to: [first])
        let blocker = try await self.owner()
        try await blocker.execute(script: "BEGIN; LOCK TABLE first")
        let inParts = Migration(
            2,
            "in_parts",
            sql: """
                SET LOCAL lock_timeout = '20ms';
                INSERT INTO parts DEFAULT VALUES;
                DO $$ BEGIN IF (SELECT count(*) > 1 FROM parts) THEN LOCK TABLE first; END IF; END $$
                """,
            more: "SELECT count(*) < 3 AS has_more FROM parts"
        )
        let clock = HookClock {
            let done = try await blocker.query("SELECT count(*)::int AS count FROM parts")
            #expect(try done[0].get("count") == 1)
            try await blocker.execute(script: "COMMIT")
        }
        try await owner.migrate(to: [first, inParts], clock: clock)
        let rows = try await owner.query(
            "SELECT count(*)::int AS count, count(DISTINCT transaction)::int AS transactions FROM parts"
        )
        #expect(try rows[0].get("count") == 3)
        #expect(try rows[0].get("transactions") == 3)
        #expect(try await self.versions() == [1, 2])
    }

    @Test func theServiceCanNotWriteWhatWasApplied() async throws {
        try await self.owner().migrate(to: [first])
        let connection = TestDatabase.connection
        try await connection.query("SELECT * FROM first")
        for sql in [
            "INSERT INTO migrations (version, name) VALUES (9, 'x')", "UPDATE migrations SET name = 'x'",
            "DELETE FROM migrations", "DROP TABLE migrations", "CREATE TABLE mine (id int)", "DROP TABLE first",
        ] as [SQL] {
            let error = await #expect(throws: PostgresError.self) { try await connection.query(sql) }
            guard case .server(sqlState: "42501", _) = error else {
                Issue.record("\(sql.text): \(String(describing: error))")
                continue
            }
        }
    }

    @Test func theOwnerIsNoSuperuser() async throws {
        let rows = try await self.owner().query(
            "SELECT rolsuper OR rolbypassrls OR rolcreaterole AS is_mighty FROM pg_roles WHERE rolname = current_user"
        )
        #expect(try rows[0].get("is_mighty") == false)
    }

    @Test func aMalformedConnectionStringIsNotWaitedFor() async throws {
        await #expect(throws: PostgresError.self) {
            try await Migrations.run(
                [first],
                ownerURL: "nonsense",
                logger: .quiet,
                clock: HookClock { Issue.record("waited") }
            )
        }
    }
}

/// Runs `hook` in the place of sleeping.
private struct HookClock: Clock {
    let hook: @Sendable () async throws -> Void

    var now: ContinuousClock.Instant { .now }
    var minimumResolution: Duration { .zero }

    func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {
        try await self.hook()
    }
}
