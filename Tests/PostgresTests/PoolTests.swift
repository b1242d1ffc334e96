import Dispatch
import Postgres
import Shared
import Synchronization
import TestSupport
import Testing

@Suite(.database(migrations: [], role: "postgres_tests"), .timeLimit(.minutes(5)))
struct PoolTests {
    private func pool(size: Int, wait: Duration = .seconds(30), url: String = TestDatabase.url) throws -> PostgresPool {
        PostgresPool(
            try PostgresConfig(url: url, poolSize: size, acquireTimeout: wait, name: "pooltests"),
            logger: .quiet
        )
    }

    private func backends(where name: String = "pooltests") async throws -> Int {
        let rows = try await TestDatabase.connection.query(
            """
            SELECT count(*)::int AS count FROM pg_stat_activity
             WHERE datname = current_database() AND application_name = \(name)
            """
        )
        return try rows[0].get("count")
    }

    /// Ends every session of this pool, as an administrator or a restart of the server would.
    private func killBackends() async throws {
        let admin = try await PostgresConnection(TestDatabase.url(as: "postgres"))
        try await admin.query(
            """
            SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
             WHERE datname = current_database() AND application_name = 'pooltests'
            """
        )
        await admin.close()
    }

    @Test func manyCallersShareFewConnections() async throws {
        let pool = try self.pool(size: 3)
        let users = Users()
        try await withThrowingDiscardingTaskGroup { group in
            for _ in 0..<60 {
                group.addTask {
                    try await pool.run { connection in
                        users.enter()
                        defer { users.leave() }
                        try connection.query("SELECT pg_sleep(0.02)")
                    }
                }
            }
        }
        #expect(users.mostAtOnce == 3)
        #expect(try await self.backends() == 3)
    }

    @Test func whoWaitsTooLongIsToldSo() async throws {
        let pool = try self.pool(size: 1, wait: .milliseconds(50))
        let (started, finished) = (Gate(), DispatchSemaphore(value: 0))
        async let holder: Void = pool.run { _ in
            started.open()
            finished.wait()
        }
        await started.passed()
        let error = await #expect(throws: PostgresError.self) { try await pool.ping() }
        finished.signal()
        guard case .poolExhausted(let waited) = error else {
            Issue.record("expected poolExhausted, got \(String(describing: error))")
            return
        }
        #expect(waited >= .milliseconds(50))
        #expect("\(try #require(error))".contains("raise poolSize"))
        try await holder
        try await pool.ping()
    }

    @Test func aCancelledCallerStopsWaitingAndLosesNoConnection() async throws {
        let pool = try self.pool(size: 1)
        let (started, finished) = (Gate(), DispatchSemaphore(value: 0))
        async let holder: Void = pool.run { _ in
            started.open()
            finished.wait()
        }
        await started.passed()
        let waiters = (0..<10).map { _ in Task { try await pool.ping() } }
        let last = Task { try await pool.ping() }
        for waiter in waiters { waiter.cancel() }
        for waiter in waiters {
            await #expect(throws: CancellationError.self) { try await waiter.value }
        }
        finished.signal()
        try await holder
        try await last.value
    }

    @Test func connectionsKilledWhileIdleAreReplacedUnnoticed() async throws {
        let pool = try self.pool(size: 4)
        for round in 1...3 {
            try await withThrowingDiscardingTaskGroup { group in
                for _ in 0..<4 {
                    group.addTask {
                        try await pool.run { connection in _ = try connection.query("SELECT pg_sleep(0.02)") }
                    }
                }
            }
            try await self.killBackends()
            if round == 1 {
                try await pool.run { connection in _ = try connection.query("SELECT 1") }
            } else {
                try await pool.transaction(for: []) { connection in _ = try connection.query("SELECT 1") }
            }
        }
    }

    /// That the loss was told, that nothing was repeated, and that the pool goes on.
    private func expect(_ error: PostgresError?, andOneRun runs: Int, of pool: PostgresPool) async throws {
        guard case .connectionLost = error else {
            Issue.record("expected connectionLost, got \(String(describing: error))")
            return
        }
        #expect(runs == 1)
        try await pool.ping()
    }

    @Test func aStatementThatMayHaveHadAnEffectIsNotRepeated() async throws {
        let pool = try self.pool(size: 1)
        let runs = Atomic<Int>(0)
        let error = await #expect(throws: PostgresError.self) {
            try await pool.run { connection in
                runs.add(1, ordering: .relaxed)
                try connection.query("SELECT pg_terminate_backend(pg_backend_pid())")
            }
        }
        try await self.expect(error, andOneRun: runs.load(ordering: .relaxed), of: pool)
    }

    @Test func aTransactionWhoseConnectionIsLostAsItBeginsIsDoneOnAnother() async throws {
        let proxy = try await Proxy()
        let pool = PostgresPool(try PostgresConfig(url: proxy.url), logger: .quiet)
        try await pool.ping()
        proxy.behave(.cutBeforeBegin)
        let runs = Atomic<Int>(0)
        try await pool.transaction(for: [.new()]) { connection in
            runs.add(1, ordering: .relaxed)
            try connection.query("SELECT 1")
        }
        #expect(runs.load(ordering: .relaxed) == 2)
    }

    /// Somebody may have ended the session because of this very statement.
    @Test func aFirstStatementThatEndsItsSessionIsNotRepeated() async throws {
        let pool = try self.pool(size: 1)
        // Prepared before: what is not goes by itself, when the transaction has begun.
        let kill: @Sendable (Int) -> SQL = { "SELECT pg_terminate_backend(pg_backend_pid()) WHERE \($0)::int = 1" }
        try await pool.run { connection in _ = try connection.query(kill(0)) }
        let runs = Atomic<Int>(0)
        let error = await #expect(throws: PostgresError.self) {
            try await pool.transaction(for: []) { connection in
                runs.add(1, ordering: .relaxed)
                try connection.query(kill(1))
            }
        }
        try await self.expect(error, andOneRun: runs.load(ordering: .relaxed), of: pool)
    }

    @Test func aTransactionThatIsLostLaterIsNotRepeated() async throws {
        let pool = try self.pool(size: 1)
        try await pool.ping()
        let runs = Atomic<Int>(0)
        let error = await #expect(throws: PostgresError.self) {
            try await pool.transaction(for: []) { connection in
                runs.add(1, ordering: .relaxed)
                try connection.query("SELECT 1")
                try connection.query("SELECT pg_terminate_backend(pg_backend_pid())")
            }
        }
        try await self.expect(error, andOneRun: runs.load(ordering: .relaxed), of: pool)
    }

    @Test func aTransactionIsTriedThreeTimesAtMost() async throws {
        let pool = try self.pool(size: 1)
        let runs = Atomic<Int>(0)
        await #expect(throws: PostgresError.serializationFailure) {
            try await pool.transaction(for: []) { _ in
                runs.add(1, ordering: .relaxed)
                throw PostgresError.serializationFailure
            }
        }
        #expect(runs.load(ordering: .relaxed) == 3)
        try await pool.transaction(for: []) { _ in
            if runs.add(1, ordering: .relaxed).newValue < 6 { throw PostgresError.serializationFailure }
        }
    }

    @Test func aConnectionLeftInATransactionIsNotLentAgain() async throws {
        let pool = try self.pool(size: 1)
        let first = try await pool.run { connection in
            try connection.execute(script: "BEGIN")
            return try connection.query("SELECT pg_backend_pid() AS pid")[0].get("pid", as: Int.self)
        }
        let second = try await pool.run { connection in
            try connection.query("SELECT pg_backend_pid() AS pid")[0].get("pid", as: Int.self)
        }
        #expect(first != second)
    }

    @Test func afterAFailedStatementTheConnectionIsUsedAgain() async throws {
        let pool = try self.pool(size: 1)
        let pid: SQL = "SELECT pg_backend_pid() AS pid"
        let first = try await pool.run { try $0.query(pid)[0].get("pid", as: Int.self) }
        await #expect(throws: PostgresError.self) { try await pool.run { _ = try $0.query("SELECT 1 / 0") } }
        await #expect(throws: PostgresError.self) {
            try await pool.transaction(for: []) { _ = try $0.query("SELECT 1 / 0") }
        }
        #expect(try await pool.run { try $0.query(pid)[0].get("pid", as: Int.self) } == first)
    }

    @Test func onShutdownIdleConnectionsAreClosed() async throws {
        let pool = try self.pool(size: 2)
        try await withServices([pool]) {
            try await pool.ping()
            #expect(try await self.backends() == 1)
        }
        try await eventually { try await self.backends() == 0 }
    }
}
