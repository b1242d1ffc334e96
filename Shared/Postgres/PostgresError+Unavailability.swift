import Shared

/// Which errors pass by themselves: their callers are told to come again.
extension PostgresError: Unavailability {
    package var isTemporary: Bool {
        switch self {
        case .connectionLost, .commitUnknown, .poolExhausted, .unavailable, .statementTimeout, .lockTimeout,
            .serializationFailure:
            true
        case .uniqueViolation, .checkViolation, .foreignKeyViolation, .notNullViolation, .server, .decoding: false
        }
    }
}
