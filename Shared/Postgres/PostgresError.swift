/// Why a statement failed, reduced to what callers branch on.
///
/// No message holds a bound value or the connection string: whatever the server quotes of a value is cut off.
package enum PostgresError: Error, Sendable, Equatable {
    /// SQLSTATE 23505; `constraint` is the name of the violated constraint or unique index.
    case uniqueViolation(constraint: String)
    /// SQLSTATE 23514.
    case checkViolation(constraint: String)
    /// SQLSTATE 23503, from either side of the key.
    case foreignKeyViolation(constraint: String)
    /// SQLSTATE 23502.
    case notNullViolation(column: String)
    /// SQLSTATE 40001 or 40P01: run the whole transaction again.
    case serializationFailure
    /// SQLSTATE 55P03: a lock was not to be had in time, or at once with `NOWAIT`.
    case lockTimeout
    /// SQLSTATE 57014: the statement ran longer than `statement_timeout`, or someone cancelled it.
    case statementTimeout
    /// The connection is gone. A statement in a transaction had no effect; one outside may have had.
    case connectionLost(String)
    /// The connection was lost during `COMMIT`: look up what became of it, never just do it again.
    case commitUnknown(String)
    /// Every connection was lent, and none came back while the caller waited: raise `poolSize` or ask less.
    case poolExhausted(waited: Duration)
    /// No connection could be made, and nothing was sent: the server is down, starting, stopping or full.
    case unavailable(String)
    /// Anything else the server said, with its five-character SQLSTATE.
    case server(sqlState: String, message: String)
    /// A column was missing, NULL or not readable as the type asked for.
    case decoding(column: String, type: String)
}

extension PostgresError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .uniqueViolation(let constraint): "unique constraint \(constraint) violated"
        case .checkViolation(let constraint): "check constraint \(constraint) violated"
        case .foreignKeyViolation(let constraint): "foreign key \(constraint) violated"
        case .notNullViolation(let column): "column \(column) must not be NULL"
        case .serializationFailure: "the transaction ran into another one"
        case .lockTimeout: "a lock was not to be had in time"
        case .statementTimeout: "the statement took too long and was cancelled"
        case .connectionLost(let reason): "connection to Postgres lost: \(reason)"
        case .commitUnknown(let reason): "connection to Postgres lost during COMMIT, the outcome is unknown: \(reason)"
        case .poolExhausted(let waited):
            "all connections to Postgres were in use for \(waited): raise poolSize or send less"
        case .unavailable(let reason): "Postgres is unavailable: \(reason)"
        case .server(let sqlState, let message): "Postgres error \(sqlState): \(message)"
        case .decoding(let column, let type): "column \(column) can not be read as \(type)"
        }
    }
}

extension PostgresError {
    /// What the server or libpq said, without our own words around it.
    var reason: String {
        switch self {
        case .connectionLost(let reason), .commitUnknown(let reason), .unavailable(let reason): reason
        default: self.description
        }
    }

    /// Sorts what the server said by its SQLSTATE (https://www.postgresql.org/docs/15/errcodes-appendix.html).
    init(sqlState: String, message: String, constraint: String, column: String) {
        self =
            switch sqlState {
            case "23502": .notNullViolation(column: column)
            case "23503": .foreignKeyViolation(constraint: constraint)
            case "23505": .uniqueViolation(constraint: constraint)
            case "23514": .checkViolation(constraint: constraint)
            case "40001", "40P01": .serializationFailure
            case "55P03": .lockTimeout
            case "57014": .statementTimeout
            default: .server(sqlState: sqlState, message: Self.withoutValues(message, sqlState: sqlState))
            }
    }

    /// Messages of class 22, data exceptions, quote the value at fault: `invalid input syntax for type uuid: "…"`.
    private static func withoutValues(_ message: String, sqlState: String) -> String {
        guard sqlState.hasPrefix("22") else { return message }
        // The server may speak another language, with other quotation marks.
        guard let quote = message.firstIndex(where: { "\"'«»„“”‘’".contains($0) }) else { return message }
        return message[..<quote] + "…"
    }
}
