/// Transactions: `BEGIN` goes with the first statement of one, and `COMMIT` with the last where that is known.
extension LibPQ {
    /// What ends a transaction; who watches the connection sees it by this name.
    static let commitStatement: SQL = "COMMIT"

    var isInTransaction: Bool { self.isYetToBegin || self.hasBegun }
    /// Whether a transaction is to begin of which the server does not know.
    var isYetToBegin: Bool { self.transaction.isYetToBegin }

    /// Begins a transaction, and sets what holds in it; both go with its first statement.
    func begin(_ settings: [Opening]) {
        self.transaction.begin(settings)
    }

    /// Has the next statements of the transaction be its last: `COMMIT` goes with them.
    func concludeWithNext() {
        if self.isInTransaction { self.transaction.ending = .withNext }
    }

    func pipeline(_ statements: [SQL]) throws(PostgresError) -> [[Row]] {
        try self.transaction.checkGoesOn()
        guard self.transaction.ending != .withNext else { return try self.conclude(statements) }
        return try self.send(try self.prepare(statements))
    }

    /// Runs statements that are followed by `COMMIT`.
    private func conclude(_ statements: [SQL]) throws(PostgresError) -> [[Row]] {
        guard !statements.isEmpty else { return [] }
        try self.checkMayCommit()
        let prepared = try self.prepare(statements + [Self.commitStatement])
        self.transaction.ending = .hasFailed
        do throws(PostgresError) {
            // In a transaction that had failed it would only be said to be rolled back; but the first of them fails in one.
            let rows = try self.send(prepared)
            self.transaction.ending = .hasCommitted
            return rows.dropLast()
        } catch .connectionLost(let reason) where !self.isYetToBegin {
            throw .commitUnknown(reason)
        }
    }

    /// Leaves the running transaction, as if it had never been.
    func rollBack() throws(PostgresError) {
        self.transaction.forgetBeginning()
        self.transaction.ending = .isOpen
        if self.hasBegun { try self.execute(script: "ROLLBACK") }
    }

    /// Commits, and throws if the server rolled back instead: it answers `COMMIT` of a failed transaction without error.
    func commit() throws(PostgresError) {
        defer { self.transaction.ending = .isOpen }
        guard self.transaction.ending != .hasCommitted else { return }
        try self.checkMayCommit()
        guard !self.isYetToBegin else {
            // There was nothing in it.
            return self.transaction.forgetBeginning()
        }
        let result = self.result(of: Self.commitStatement.text)
        do throws(PostgresError) {
            try self.check(result)
        } catch .connectionLost(let reason) {
            throw .commitUnknown(reason)
        }
        guard result.commandTag == "COMMIT" else { throw TransactionProgress.rolledBack }
    }

    private func checkMayCommit() throws(PostgresError) {
        guard !self.transaction.hasFailed else {
            try self.rollBack()
            throw self.isOpen ? TransactionProgress.rolledBack : self.lost
        }
        // What never left has surely not been committed.
        guard self.isYetToBegin || !self.hasHungUp() else { throw self.lost }
    }
}
