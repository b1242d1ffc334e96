import Postgres
import TestSupport
import Testing

@Suite(.database(migrations: [], role: "postgres_tests"), .timeLimit(.minutes(5)))
struct OutageTests {
    private func pool(_ url: String, clock: any Clock<Duration> = .continuous) throws -> PostgresPool {
        PostgresPool(try PostgresConfig(url: url, poolSize: 8), logger: .quiet, clock: clock)
    }

    private func expectUnavailable(_ pool: PostgresPool) async {
        let error = await #expect(throws: PostgresError.self) { try await pool.ping() }
        guard case .unavailable = error else {
            Issue.record("expected unavailable, got \(String(describing: error))")
            return
        }
    }

    @Test func whileTheServerIsDownCallersAreToldAtOnceAndServiceResumesWithinASecond() async throws {
        let (proxy, clock) = (try await Proxy(), ManualClock())
        let pool = try self.pool(proxy.url, clock: clock)
        try await pool.ping()
        proxy.goDown()
        // Time passes only between them: who is made to wait is never answered.
        for _ in 0..<200 {
            await self.expectUnavailable(pool)
            clock.advance(by: .milliseconds(20))
        }
        try proxy.comeBack()
        clock.advance(by: .seconds(1))
        try await pool.ping()
        try await pool.transaction(for: []) { connection in _ = try connection.query("SELECT 1") }
    }

    @Test func oneConnectionAtATimeIsTriedWhileTheServerIsSilent() async throws {
        let proxy = try await Proxy()
        // The one attempt must not be given up before all others have been told.
        let pool = try self.pool("\(proxy.url) connect_timeout=30")
        proxy.goDown()
        await self.expectUnavailable(pool)
        try proxy.comeBack(.stall)
        let probe = Task { try await pool.ping() }
        // The first who comes after the pause is kept waiting; all others are told at once.
        try await eventually {
            if proxy.acceptedCount == 0 { Task { try await pool.ping() } }
            return proxy.acceptedCount > 0
        }
        for _ in 0..<50 { await self.expectUnavailable(pool) }
        #expect(proxy.acceptedCount == 1)
        proxy.cut()
        await #expect(throws: PostgresError.self) { try await probe.value }
    }

    @Test func thePauseIsMeasuredByTheGivenClock() async throws {
        let (proxy, clock) = (try await Proxy(), ManualClock())
        let pool = PostgresPool(try PostgresConfig(url: proxy.url), logger: .quiet, clock: clock)
        proxy.goDown()
        await self.expectUnavailable(pool)
        try proxy.comeBack()
        for _ in 0..<20 { await self.expectUnavailable(pool) }
        #expect(proxy.acceptedCount == 0)
        clock.advance(by: .milliseconds(50))
        try await pool.ping()
    }

    @Test func aSilentServerIsGivenUpAfterThreeSeconds() async throws {
        let proxy = try await Proxy(.stall)
        let start = ContinuousClock.now
        await self.expectUnavailable(try self.pool(proxy.url))
        let waited = start.duration(to: .now)
        #expect(waited > .seconds(2))
        // Far from three, because the machine may be busy.
        #expect(waited < .seconds(60))
    }

    @Test(arguments: ["user=nobody_at_all", "dbname=no_such_database"])
    func whoIsNotLetInIsToldWhatTheServerSaid(wrong: String) async throws {
        let error = await #expect(throws: PostgresError.self) {
            try await PostgresConnection("\(TestDatabase.url) \(wrong)")
        }
        #expect("\(try #require(error))".contains(wrong.split(separator: "=")[1]))
    }
}
