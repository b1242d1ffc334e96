/// How far a connection's transaction is: it begins with its first statement, and may end with its last.
struct TransactionProgress {
    /// How far its end is.
    enum Ending {
        case isOpen
        /// `COMMIT` goes with the next statements.
        case withNext
        case hasCommitted
        /// What was to end it failed, whatever the body makes of that.
        case hasFailed
    }

    /// Begins it, with the next statement: until there is one nothing has to be sent.
    private(set) var ahead: [Opening] = []
    private(set) var isDoomed = false
    var ending = Ending.isOpen

    /// Whether the server does not know of it yet: nothing has happened in it.
    var isYetToBegin: Bool { !self.ahead.isEmpty }
    var hasFailed: Bool { self.isDoomed || self.ending == .hasFailed }

    mutating func begin(_ settings: [Opening]) {
        self.ahead = [.kept("BEGIN")] + settings
        self.isDoomed = false
        self.ending = .isOpen
    }

    /// What began it is not sent again, or never was.
    mutating func forgetBeginning() {
        self.ahead = []
    }

    /// A statement failed: if the server had not even begun the transaction, whoever minds it not is told at the end.
    mutating func noteFailure() {
        self.isDoomed = self.isDoomed || self.isYetToBegin
    }

    /// - Throws: `PostgresError` when nothing more can be done in it.
    func checkGoesOn() throws(PostgresError) {
        switch self.ending {
        case .isOpen, .withNext: break
        case .hasCommitted: throw Self.isOver
        case .hasFailed: throw Self.rolledBack
        }
    }

    static let rolledBack = PostgresError.server(
        sqlState: "25P02",
        message: "The transaction had failed and was rolled back."
    )
    private static let isOver = PostgresError.server(sqlState: "25P01", message: "The transaction has been committed.")
}
