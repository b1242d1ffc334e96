package import Shared

/// One libpq connection, confined to a thread of its own.
///
/// libpq calls block. They run on `executor`'s thread and never on the cooperative thread pool, so that a slow
/// statement delays only the callers of this connection. Getting onto that thread and back costs two thread switches:
/// do all statements of an operation inside one `run` or `transaction`, and pay them once.
package actor PostgresConnection {
    private let executor: ThreadExecutor
    private let libpq: LibPQ
    private let stopwatch: Stopwatch
    private var keptPlans = KeptPlans()

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe self.executor.asUnownedSerialExecutor()
    }

    /// Connects by libpq keywords (`host=… dbname=…`) or a `postgresql://` URI, without a limit on statements.
    package init(_ connectionString: String) async throws(PostgresError) {
        try await self.init(SessionSettings(url: connectionString))
    }

    init(_ settings: SessionSettings, stopwatch: Stopwatch = Stopwatch(.continuous)) async throws(PostgresError) {
        self.executor = ThreadExecutor(name: "postgres")
        self.libpq = LibPQ()
        self.stopwatch = stopwatch
        try self.libpq.connect(settings)
    }

    isolated deinit {
        self.libpq.close()
    }

    /// Closes now, where `deinit` closes some time after the last use; later statements throw `connectionLost`.
    package func close() {
        self.libpq.close()
    }

    /// Whether nothing keeps this connection from being lent again.
    var isReusable: Bool { self.libpq.isReusable }

    /// Throws if the server has hung up since the last statement, before anything is sent.
    func checkIsAlive() throws(StaleConnection) {
        guard !self.libpq.hasHungUp() else { throw StaleConnection(reason: "the server closed it") }
    }

    /// Runs one statement, prepared on its first use, and returns all its rows.
    @discardableResult
    package func query(_ sql: SQL) throws(PostgresError) -> [Row] {
        try self.libpq.execute(sql)
    }

    /// Runs `statements` in one round trip, and returns the rows of each, in their order.
    ///
    /// All or none: an error undoes all of them, and inside a transaction dooms it.
    @discardableResult
    package func pipeline(_ statements: [SQL]) throws(PostgresError) -> [[Row]] {
        try self.libpq.pipeline(statements)
    }

    /// Runs `statements` in one round trip of a transaction whose plans are otherwise kept.
    package func pipeline(plans: Plans, _ statements: [SQL]) throws(PostgresError) -> [[Row]] {
        guard !statements.isEmpty else { return [] }
        return try Array(self.pipeline([plans.setting] + statements + [Plans.kept.setting]).dropFirst().dropLast())
    }

    /// Runs a multi-statement script without parameters, for migrations and session settings.
    package func execute(script: String) throws(PostgresError) {
        try self.libpq.execute(script: script)
    }

    /// Runs `body` on this connection's thread: its statements cost no further thread switches.
    @discardableResult
    package func run<Result: Sendable, Failure: Error>(
        _ body: @Sendable (isolated PostgresConnection) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(self)
    }
}

// MARK: - Transactions

/// A transaction that was begun.
struct TransactionStart: Sendable {
    let plans: Plans
    /// By the connection's clock.
    let at: Duration
}

/// A connection that turned out to be dead before anything could have had an effect: what was sent was in a transaction that the
/// server never said it began.
struct StaleConnection: Error {
    let reason: String
}

extension PostgresConnection {
    /// Runs `body` between `BEGIN` and `COMMIT`, or `ROLLBACK` if it throws.
    ///
    /// The row-level security policies show `body` the rows of `orgs`; without any, reading a tenant table is an error.
    /// `body` can not await, so no transaction stays open across a network call. With a `lockTimeout`, each statement
    /// waits that long for a lock and then throws `lockTimeout`; without one, as long as the statement may run.
    /// - Throws: what `body` throws; `commitUnknown` when the connection was lost during `COMMIT`.
    @discardableResult
    package func transaction<Result: Sendable, Failure: Error>(
        for orgs: [OrgID] = [],
        lockTimeout: Duration? = nil,
        plans: Plans = .fresh,
        _ body: @Sendable (isolated PostgresConnection) throws(Failure) -> Result
    ) throws -> Result {
        do {
            return try self.finish(self.begin(orgs, lockTimeout: lockTimeout, plans: plans), body)
        } catch let stale as StaleConnection {
            throw PostgresError.connectionLost(stale.reason)
        }
    }

    /// Shows the rest of the running transaction the rows of `orgs`, in the place of those it was begun for.
    ///
    /// The one statement without parameters: `SET` takes none, and `set_config` would not reach the shards of a
    /// distributed database.
    package func scope(_ orgs: [OrgID]) throws(PostgresError) {
        try self.libpq.execute(script: Self.scope(orgs))
    }

    /// Has the next `query` or `pipeline` be the last of the running transaction: `COMMIT` goes with it, and saves a round trip.
    ///
    /// For what only reads, or may be done twice: what the caller throws afterwards undoes nothing; and what was lost on its way
    /// before `BEGIN` was answered is sent again on another connection, although the server may have committed it. Lost later it is
    /// `commitUnknown`. What comes after it is refused.
    package func concludeWithNext() {
        self.libpq.concludeWithNext()
    }

    /// Begins a transaction with its first statement.
    func begin(_ orgs: [OrgID], lockTimeout: Duration?, plans: Plans) throws(PostgresError) -> TransactionStart {
        let now = self.stopwatch.now
        guard !self.libpq.isInTransaction else {
            // Postgres would only warn, and the inner COMMIT would commit the outer transaction.
            throw PostgresError.server(sqlState: "25001", message: "A transaction is already open.")
        }
        var settings: [Opening] = []
        if plans == .kept {
            if self.keptPlans.renew(at: now) { settings.append(.kept("DISCARD PLANS")) }
            settings.append(.kept(Plans.kept.setting))
        }
        if !orgs.isEmpty { settings.append(.once(Self.scope(orgs))) }
        if let lockTimeout { settings.append(.once("SET LOCAL lock_timeout = \(lockTimeout.wholeMilliseconds)")) }
        self.libpq.begin(settings)
        return TransactionStart(plans: plans, at: now)
    }

    /// Runs `body` in the transaction that was begun, and ends it.
    ///
    /// Throws `StaleConnection` when the connection was lost before or during `BEGIN`: nothing has happened yet.
    func finish<Result: Sendable, Failure: Error>(
        _ start: TransactionStart,
        _ body: @Sendable (isolated PostgresConnection) throws(Failure) -> Result
    ) throws -> Result {
        let result: Result
        do {
            result = try body(self)
        } catch {
            let isStale = self.libpq.isYetToBegin
            try? self.libpq.rollBack()
            self.doubtPlans(of: start)
            // What was to renew them may not have left.
            if isStale { self.keptPlans.doubt() }
            if isStale, case .connectionLost(let reason)? = error as? PostgresError {
                throw StaleConnection(reason: reason)
            }
            throw error
        }
        try self.libpq.commit()
        self.doubtPlans(of: start)
        return result
    }

    /// A bad plan may have been what took a transaction long, or was too slow to let it end.
    private func doubtPlans(of start: TransactionStart) {
        if start.plans == .kept { self.keptPlans.served(for: self.stopwatch.now - start.at) }
    }

    /// A UUID's text is hexadecimal digits and hyphens, so it can not end the literal.
    private static func scope(_ orgs: [OrgID]) -> String { "SET LOCAL app.org_ids = '\(orgs.postgresText)'" }
}
