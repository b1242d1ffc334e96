import Shared

/// Which errors pass by themselves: their callers are told to come again.
extension PostgresError: Unavailability {
    package var isTemporary: Bool {
        switch self {
        case .connectionLost, .commitUnknown, .poolExhausted, .unavailable, .statementTimeout, .lockTimeout,
            .serializationFailure:
            true
        // Class 53: the disk is full, or the server has no memory or no connections left. Somebody makes room.
        case .server(let sqlState, _): sqlState.hasPrefix("53")
        case .uniqueViolation, .checkViolation, .foreignKeyViolation, .notNullViolation, .decoding: false
        }
    }
}
