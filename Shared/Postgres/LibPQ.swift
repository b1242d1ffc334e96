import CLibPQ
import Glibc

/// The libpq calls of one connection: with `LibPQResult`, the only code that touches libpq's pointers.
///
/// Not `Sendable`, and every call blocks: it belongs to one actor that runs on a thread of its own.
@safe final class LibPQ {
    private var connection: OpaquePointer?
    /// Statements prepared on this connection, by text.
    ///
    /// It can not grow without bound: a text is always a literal in our sources, because `SQL` can not splice in text.
    private var prepared: [String: PreparedStatement] = [:]
    private var preparedCount = 0
    /// The server said that it ends the session; libpq itself notices when it reads on.
    private var isEnded = false
    /// Begins a transaction, with the next statement: until there is one nothing has to be sent.
    private var ahead: [Opening] = []
    /// A transaction's first statement failed before the server had begun it: whoever minds it not is told at the end.
    private var isDoomed = false
    private var ending = Ending.isOpen

    private typealias BoundStatement = (statement: PreparedStatement, values: BoundValues)

    /// How far the end of a transaction is.
    private enum Ending {
        case isOpen
        /// `COMMIT` goes with the next statements.
        case withNext
        case hasCommitted
        /// What was to end it failed, whatever the body makes of that.
        case hasFailed
    }

    /// Readable once the server has sent something.
    var socket: Int32 { unsafe PQsocket(self.connection) }

    /// Open, and outside a transaction: fit for another user.
    var isReusable: Bool {
        unsafe self.isOpen && self.ahead.isEmpty && PQtransactionStatus(self.connection) == PQTRANS_IDLE
    }

    var isInTransaction: Bool { !self.ahead.isEmpty || self.hasBegun }
    /// Whether a transaction is to begin of which the server does not know: nothing has happened in it.
    var isYetToBegin: Bool { !self.ahead.isEmpty }

    private var hasBegun: Bool {
        let status = unsafe PQtransactionStatus(self.connection)
        return status == PQTRANS_INTRANS || status == PQTRANS_INERROR
    }

    private var isOpen: Bool { unsafe !self.isEnded && PQstatus(self.connection) == CONNECTION_OK }
    private var message: String {
        unsafe String(cString: PQerrorMessage(self.connection)).split(whereSeparator: \.isWhitespace)
            .joined(separator: " ")
    }
    private var lost: PostgresError { unsafe .connectionLost(self.connection == nil ? "it was closed" : self.message) }

    func connect(_ settings: SessionSettings) throws(PostgresError) {
        let parameters = settings.parameters(optionsOfURL: try ConnectionString.options(of: settings.url))
        let keywords = try BoundValues(parameters.map { BoundValue(text: $0.keyword) })
        let values = try BoundValues(parameters.map { BoundValue(text: $0.value) })
        unsafe self.connection = unsafe keywords.withPointers { keywords, _, _ in
            unsafe values.withPointers { values, _, _ in unsafe PQconnectdbParams(keywords, values, 1) }
        }
        guard self.isOpen else {
            defer { self.close() }
            throw .unavailable(self.message)
        }
        // By default libpq prints notices to standard error.
        unsafe PQsetNoticeProcessor(self.connection, { _, _ in }, nil)
        // From here on libpq's own message quotes no value; what callers are told is read from the result's fields.
        unsafe PQsetErrorVerbosity(self.connection, PQERRORS_SQLSTATE)
    }

    func close() {
        unsafe PQfinish(self.connection)
        unsafe self.connection = nil
        self.prepared = [:]
        self.ahead = []
    }

    /// Whether the server has hung up since the last statement; never waits.
    ///
    /// An idle session has nothing to read, except that it has ended or that a setting of the server has changed.
    func hasHungUp() -> Bool {
        guard self.isOpen else { return true }
        var events = pollfd(fd: self.socket, events: Int16(POLLIN), revents: 0)
        while unsafe poll(&events, 1, 0) > 0 {
            guard unsafe PQconsumeInput(self.connection) == 1 else { return true }
            // Takes what has been read off libpq's buffer; without LISTEN there are no notifications.
            unsafe PQfreemem(PQnotifies(self.connection))
        }
        return !self.isOpen
    }

    /// Begins a transaction, and sets what holds in it; both go with its first statement.
    func begin(_ settings: [Opening]) {
        self.ahead = [.kept("BEGIN")] + settings
        self.isDoomed = false
        self.ending = .isOpen
    }

    /// Has the next statements of the transaction be its last: `COMMIT` goes with them.
    func concludeWithNext() {
        if self.isInTransaction { self.ending = .withNext }
    }

    func execute(_ sql: SQL) throws(PostgresError) -> [Row] {
        guard self.ahead.isEmpty, self.ending == .isOpen else { return try self.pipeline([sql])[0] }
        let values = try BoundValues(sql.values)
        let statement = try self.prepare(sql)
        let result = unsafe LibPQResult(
            values.withPointers { pointers, lengths, formats in
                unsafe PQexecPrepared(self.connection, statement.name, values.count, pointers, lengths, formats, 0)
            }
        )
        try self.check(result)
        return statement.rows(of: result)
    }

    func execute(script: String) throws(PostgresError) {
        try self.checkGoesOn()
        try self.execute(scripts: self.ahead.map(\.text) + [script])
    }

    private func execute(scripts: [String]) throws(PostgresError) {
        let result = unsafe LibPQResult(PQexec(self.connection, scripts.joined(separator: "; ")))
        self.noteBeginning()
        self.isDoomed = self.isDoomed || !self.ahead.isEmpty && !result.succeeded
        try self.check(result)
    }

    /// Leaves the running transaction, as if it had never been.
    func rollBack() throws(PostgresError) {
        (self.ahead, self.ending) = ([], .isOpen)
        if self.hasBegun { try self.execute(script: "ROLLBACK") }
    }

    /// Commits, and throws if the server rolled back instead: it answers `COMMIT` of a failed transaction without error.
    func commit() throws(PostgresError) {
        defer { self.ending = .isOpen }
        guard self.ending != .hasCommitted else { return }
        try self.checkMayCommit()
        guard self.ahead.isEmpty else {
            // There was nothing in it.
            self.ahead = []
            return
        }
        let result = unsafe LibPQResult(PQexec(self.connection, "COMMIT"))
        do throws(PostgresError) {
            try self.check(result)
        } catch .connectionLost(let reason) {
            throw .commitUnknown(reason)
        }
        guard result.commandTag == "COMMIT" else { throw Self.rolledBack }
    }

    private func checkMayCommit() throws(PostgresError) {
        guard !self.isDoomed, self.ending != .hasFailed else {
            try self.rollBack()
            throw self.isOpen ? Self.rolledBack : self.lost
        }
        // What never left has surely not been committed.
        guard self.isYetToBegin || !self.hasHungUp() else { throw self.lost }
    }

    private static let commitStatement: SQL = "COMMIT"
    private static let rolledBack = PostgresError.server(
        sqlState: "25P02",
        message: "The transaction had failed and was rolled back."
    )
    private static let isOver = PostgresError.server(sqlState: "25P01", message: "The transaction has been committed.")

    func pipeline(_ statements: [SQL]) throws(PostgresError) -> [[Row]] {
        try self.checkGoesOn()
        return self.ending == .withNext ? try self.conclude(statements) : try self.send(try self.prepare(statements))
    }

    private func checkGoesOn() throws(PostgresError) {
        switch self.ending {
        case .isOpen, .withNext: break
        case .hasCommitted: throw Self.isOver
        case .hasFailed: throw Self.rolledBack
        }
    }

    /// Runs statements that are followed by `COMMIT`.
    private func conclude(_ statements: [SQL]) throws(PostgresError) -> [[Row]] {
        guard !statements.isEmpty else { return [] }
        try self.checkMayCommit()
        let prepared = try self.prepare(statements + [Self.commitStatement])
        self.ending = .hasFailed
        do throws(PostgresError) {
            // In a transaction that had failed it would only be said to be rolled back; but the first of them fails in one.
            let rows = try self.send(prepared)
            self.ending = .hasCommitted
            return rows.dropLast()
        } catch .connectionLost(let reason) where self.ahead.isEmpty {
            throw .commitUnknown(reason)
        }
    }

    /// All that can fail before the first is sent: what is sent must be followed by a sync and read.
    private func prepare(_ statements: [SQL]) throws(PostgresError) -> [BoundStatement] {
        var prepared: [BoundStatement] = []
        for sql in statements {
            let values = try BoundValues(sql.values)
            prepared.append((try self.prepare(sql), values))
        }
        for case .kept(let sql) in self.ahead { _ = try self.prepareNow(sql) }
        return prepared
    }

    private func send(_ prepared: [BoundStatement]) throws(PostgresError) -> [[Row]] {
        let openings = self.ahead
        unsafe PQenterPipelineMode(self.connection)
        defer { unsafe PQexitPipelineMode(self.connection) }
        let isSent =
            unsafe openings.allSatisfy { self.send($0) } && prepared.allSatisfy { self.send($0.statement, $0.values) }
            && PQpipelineSync(self.connection) == 1
        guard isSent else {
            // A part of it may have left; what libpq refuses it would refuse on any connection.
            self.isEnded = true
            self.ahead = []
            throw self.lost
        }
        return try self.pipelineResults(of: prepared.map(\.statement), after: openings.count)
    }

    private func send(_ opening: Opening) -> Bool {
        switch opening {
        case .kept(let sql): self.prepared[sql.text].map { self.send($0, .none) } ?? false
        case .once(let text): unsafe PQsendQueryParams(self.connection, text, 0, nil, nil, nil, nil, 0) == 1
        }
    }

    private func send(_ statement: PreparedStatement, _ values: BoundValues) -> Bool {
        unsafe values.withPointers { pointers, lengths, formats in
            unsafe PQsendQueryPrepared(
                self.connection,
                statement.name,
                values.count,
                pointers,
                lengths,
                formats,
                0
            )
        } == 1
    }

    /// Reads everything up to the end of the pipeline, even after an error: what stays unread blocks the connection.
    private func pipelineResults(
        of statements: [PreparedStatement],
        after openings: Int
    ) throws(PostgresError) -> [[Row]] {
        var rows: [[Row]] = []
        rows.reserveCapacity(statements.count)
        var failure: PostgresError?
        for number in -openings..<statements.count {
            let result = self.nextResult()
            // After the first failure the rest is only said to be skipped.
            if failure == nil {
                do throws(PostgresError) {
                    try self.check(result)
                    // After BEGIN there is a transaction, whatever becomes of the connection.
                    if number < 0 { self.ahead = [] } else { rows.append(statements[number].rows(of: result)) }
                } catch {
                    failure = error
                }
            }
            // An empty result ends each statement.
            _ = self.nextResult()
        }
        _ = self.nextResult()
        self.isDoomed = self.isDoomed || !self.ahead.isEmpty && failure != nil
        if let failure { throw failure }
        return rows
    }

    /// What began a transaction is not sent again.
    private func noteBeginning() {
        if self.hasBegun { self.ahead = [] }
    }

    private func nextResult() -> LibPQResult {
        unsafe LibPQResult(PQgetResult(self.connection))
    }

    /// Notifications that have arrived; never waits.
    func notifications() throws(PostgresError) -> [(channel: String, payload: String)] {
        guard unsafe PQconsumeInput(self.connection) == 1 else { throw self.lost }
        var notifications: [(channel: String, payload: String)] = []
        while let notification = unsafe PQnotifies(self.connection) {
            let channel = unsafe String(cString: notification.pointee.relname)
            let payload = unsafe String(cString: notification.pointee.extra)
            notifications.append((channel, payload))
            unsafe PQfreemem(notification)
        }
        return notifications
    }

    private func prepare(_ sql: SQL) throws(PostgresError) -> PreparedStatement {
        if let statement = self.prepared[sql.text] { return statement }
        // It waits for locks, for no longer than the transaction is to.
        if !self.ahead.isEmpty { try self.execute(scripts: self.ahead.map(\.text)) }
        return try self.prepareNow(sql)
    }

    private func prepareNow(_ sql: SQL) throws(PostgresError) -> PreparedStatement {
        if let statement = self.prepared[sql.text] { return statement }
        // Who watches the connection sees a COMMIT by its name.
        let isCommit = sql.text == Self.commitStatement.text
        let statement = PreparedStatement(name: isCommit ? sql.text : "s\(self.preparedCount)")
        let result = unsafe LibPQResult(PQprepare(self.connection, statement.name, sql.text, 0, nil))
        try self.check(result)
        self.preparedCount += 1
        self.prepared[sql.text] = statement
        return statement
    }

    private func check(_ result: borrowing LibPQResult) throws(PostgresError) {
        guard !result.succeeded else { return }
        guard self.isOpen else { throw self.lost }
        guard let error = result.error else {
            self.isEnded = true
            throw self.lost
        }
        if result.endsSession {
            self.isEnded = true
            throw .connectionLost("\(error)")
        }
        if result.isStalePlan {
            // A migration changed a column meanwhile: prepared afresh, the same transaction succeeds.
            self.prepared = [:]
            throw .serializationFailure
        }
        throw error
    }
}
