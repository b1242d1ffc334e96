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
    /// The transaction that it is in, or in which it was.
    var transaction = TransactionProgress()

    typealias BoundStatement = (statement: PreparedStatement, values: BoundValues)

    /// Readable once the server has sent something.
    var socket: Int32 { unsafe PQsocket(self.connection) }

    /// Open, and outside a transaction: fit for another user.
    var isReusable: Bool {
        unsafe self.isOpen && !self.isYetToBegin && PQtransactionStatus(self.connection) == PQTRANS_IDLE
    }

    /// Whether the server knows of a transaction.
    var hasBegun: Bool {
        let status = unsafe PQtransactionStatus(self.connection)
        return status == PQTRANS_INTRANS || status == PQTRANS_INERROR
    }

    var isOpen: Bool { unsafe !self.isEnded && PQstatus(self.connection) == CONNECTION_OK }
    private var message: String {
        unsafe String(cString: PQerrorMessage(self.connection)).split(whereSeparator: \.isWhitespace)
            .joined(separator: " ")
    }
    var lost: PostgresError { unsafe .connectionLost(self.connection == nil ? "it was closed" : self.message) }

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
        self.transaction.forgetBeginning()
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

    func execute(_ sql: SQL) throws(PostgresError) -> [Row] {
        guard !self.isYetToBegin, self.transaction.ending == .isOpen else { return try self.pipeline([sql])[0] }
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
        try self.transaction.checkGoesOn()
        try self.execute(scripts: self.transaction.ahead.map(\.text) + [script])
    }

    private func execute(scripts: [String]) throws(PostgresError) {
        let result = self.result(of: scripts.joined(separator: "; "))
        if self.hasBegun { self.transaction.forgetBeginning() }
        if !result.succeeded { self.transaction.noteFailure() }
        try self.check(result)
    }

    func result(of script: String) -> LibPQResult {
        unsafe LibPQResult(PQexec(self.connection, script))
    }

    /// All that can fail before the first is sent: what is sent must be followed by a sync and read.
    func prepare(_ statements: [SQL]) throws(PostgresError) -> [BoundStatement] {
        var prepared: [BoundStatement] = []
        for sql in statements {
            let values = try BoundValues(sql.values)
            prepared.append((try self.prepare(sql), values))
        }
        for case .kept(let sql) in self.transaction.ahead { _ = try self.prepareNow(sql) }
        return prepared
    }

    func send(_ prepared: [BoundStatement]) throws(PostgresError) -> [[Row]] {
        let openings = self.transaction.ahead
        unsafe PQenterPipelineMode(self.connection)
        defer { unsafe PQexitPipelineMode(self.connection) }
        let isSent =
            unsafe openings.allSatisfy { self.send($0) } && prepared.allSatisfy { self.send($0.statement, $0.values) }
            && PQpipelineSync(self.connection) == 1
        guard isSent else {
            // A part of it may have left; what libpq refuses it would refuse on any connection.
            self.isEnded = true
            self.transaction.forgetBeginning()
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
                    if number < 0 {
                        self.transaction.forgetBeginning()
                    } else {
                        rows.append(statements[number].rows(of: result))
                    }
                } catch {
                    failure = error
                }
            }
            // An empty result ends each statement.
            _ = self.nextResult()
        }
        _ = self.nextResult()
        if let failure {
            self.transaction.noteFailure()
            throw failure
        }
        return rows
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
        if self.isYetToBegin { try self.execute(scripts: self.transaction.ahead.map(\.text)) }
        return try self.prepareNow(sql)
    }

    private func prepareNow(_ sql: SQL) throws(PostgresError) -> PreparedStatement {
        if let statement = self.prepared[sql.text] { return statement }
        let isCommit = sql.text == Self.commitStatement.text
        let statement = PreparedStatement(name: isCommit ? sql.text : "s\(self.preparedCount)")
        let result = unsafe LibPQResult(PQprepare(self.connection, statement.name, sql.text, 0, nil))
        try self.check(result)
        self.preparedCount += 1
        self.prepared[sql.text] = statement
        return statement
    }

    func check(_ result: borrowing LibPQResult) throws(PostgresError) {
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
