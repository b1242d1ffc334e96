package import Logging
import ServiceLifecycle
package import Shared
import Synchronization

/// At most `poolSize` connections, opened when first needed and lent one at a time, first come first served.
///
/// - A caller waits for `acquireTimeout` at most, and stops waiting when its task is cancelled.
/// - A connection that died while idle, or before it answered `BEGIN`, is replaced unnoticed, because nothing has happened.
///   Nothing else is repeated, except transactions that ran into another one.
/// - While the server is down, callers fail at once with `unavailable`; one of them tries again, after 50 ms, 100 ms, …
///   500 ms. While other connections still work, callers wait for those instead.
package final class PostgresPool: Service {
    typealias State = PoolState<PostgresConnection, CheckedContinuation<PoolTurn<PostgresConnection>, any Error>>

    /// Deadlocks and serialization failures pass, because someone else went first; three in a row do not look like chance.
    private static let transactionTries = 3

    let stopwatch: Stopwatch
    let logger: Logger
    let state: Mutex<State>
    let waiterIDs = Atomic<Int>(0)
    /// Whether a task is there that sends away who has waited too long.
    let isExpiring = Atomic<Bool>(false)
    let metrics: PoolMetrics
    private let session: SessionSettings

    /// - Parameters:
    ///   - config: of the database.
    ///   - name: tells the process's pools apart, in metrics.
    ///   - logger: of the process.
    ///   - clock: for waiting.
    package init(
        _ config: PostgresConfig,
        name: String = "service",
        logger: Logger,
        clock: any Clock<Duration> = .continuous
    ) {
        self.metrics = PoolMetrics(name, size: config.poolSize)
        self.session = config.session
        self.logger = logger
        self.stopwatch = Stopwatch(clock)
        self.state = Mutex(State(size: config.poolSize, acquireTimeout: config.acquireTimeout))
    }

    /// Keeps the pool until shutdown; then idle connections are closed, and lent ones when they come back.
    package func run() async throws {
        // Cancellation ends it as well.
        try? await gracefulShutdown()
        for connection in self.state.withLock({ $0.shutDown() }) {
            await connection.close()
        }
    }

    /// Runs `body` on a connection, without a transaction: for single statements.
    @discardableResult
    package func run<Value: Sendable>(
        _ body: @Sendable (isolated PostgresConnection) throws -> Value
    ) async throws -> Value {
        try await self.lend(body)
    }

    /// Runs `body` in a transaction that sees the rows of `orgs`; again, up to twice, if it ran into another one.
    ///
    /// See `PostgresConnection.transaction` for `lockTimeout` and `plans`, and for what is thrown.
    @discardableResult
    package func transaction<Value: Sendable>(
        for orgs: [OrgID],
        lockTimeout: Duration? = nil,
        plans: Plans = .fresh,
        _ body: @Sendable (isolated PostgresConnection) throws -> Value
    ) async throws -> Value {
        var triesLeft = Self.transactionTries
        while true {
            triesLeft -= 1
            do {
                return try await self.lend { connection in
                    try connection.finish(connection.begin(orgs, lockTimeout: lockTimeout, plans: plans), body)
                }
            } catch PostgresError.serializationFailure where triesLeft > 0 {
                self.logger.debug("transaction repeated")
            }
        }
    }

    /// Asks the server for an answer, for readiness.
    package func ping() async throws {
        try await self.run { connection in _ = try connection.query("SELECT 1") }
    }

    /// Runs `work` on a connection; on another one if this was dead from the start.
    private func lend<Value: Sendable>(
        _ work: @Sendable (isolated PostgresConnection) throws -> Value
    ) async throws -> Value {
        while true {
            let (connection, isFresh) = try await self.acquire()
            let use = self.metrics.began()
            let attempt = await connection.attempt(work)
            self.metrics.ended(use)
            await self.giveBack(connection, isReusable: attempt.isReusable)
            do {
                return try attempt.result.get()
            } catch let stale as StaleConnection {
                // Each round takes one dead connection out of the pool, so the rounds end.
                guard !isFresh else { throw PostgresError.unavailable(stale.reason) }
                self.logger.debug("idle connection replaced", metadata: ["postgres.reason": "\(stale.reason)"])
            } catch {
                self.metrics.failed(error)
                self.logLoss(error)
                throw error
            }
        }
    }

    private func acquire() async throws -> (PostgresConnection, isFresh: Bool) {
        do {
            switch try await self.turn() {
            case .use(let connection): return (connection, false)
            case .open(let isProbe): return (try await self.open(isProbe: isProbe), true)
            case .fail(let error): throw error
            }
        } catch {
            self.metrics.failed(error)
            throw error
        }
    }

    private func open(isProbe: Bool) async throws -> PostgresConnection {
        do {
            let connection = try await PostgresConnection(self.session, stopwatch: self.stopwatch)
            if self.update({ $0.opened() }) { self.logger.info("postgres is back") }
            self.metrics.isUp(true)
            return connection
        } catch {
            let now = self.stopwatch.now
            if self.update({ $0.failedToOpen(isProbe: isProbe, "\(error.reason)", at: now) }) {
                self.logger.error("postgres is unavailable", metadata: ["postgres.reason": "\(error.reason)"])
            }
            self.metrics.isUp(false)
            throw error
        }
    }

    private func giveBack(_ connection: PostgresConnection, isReusable: Bool) async {
        let isKept = self.update { state in
            if isReusable { return state.giveBack(connection) }
            state.discard()
            return false
        }
        if !isKept { await connection.close() }
    }

    private func logLoss(_ error: any Error) {
        switch error {
        case PostgresError.connectionLost(let reason):
            self.logger.warning("connection lost", metadata: ["postgres.reason": "\(reason)"])
        case PostgresError.commitUnknown(let reason):
            self.logger.error("connection lost during COMMIT", metadata: ["postgres.reason": "\(reason)"])
        default: break
        }
    }
}

extension PostgresConnection {
    /// Runs `work` if the connection is alive; says whether it may be lent again, in the same visit to its thread.
    func attempt<Value: Sendable>(
        _ work: @Sendable (isolated PostgresConnection) throws -> Value
    ) -> (result: Result<Value, any Error>, isReusable: Bool) {
        do {
            try self.checkIsAlive()
            let value = try work(self)
            return (.success(value), self.isReusable)
        } catch {
            return (.failure(error), self.isReusable)
        }
    }
}
