import Postgres
import Shared

/// The statements on the table `idempotency_keys`, for what is made one by one; those of messages are `CreationStore`'s.
enum IdempotencyStore {
    struct Name: Sendable {
        let orgID: OrgID
        let operation: String
        let key: String
    }

    struct Answer: Sendable {
        let fingerprint: [UInt8]
        let body: [UInt8]
    }

    /// Takes a key, with the answer that belongs to it; one that another transaction is taking is waited for.
    ///
    /// - Throws: `Problem` `idempotency-key-in-use` when that takes too long.
    /// - Returns: false where it was taken before.
    static func take(
        _ name: Name,
        with answer: Answer,
        status: Int = 201,
        on connection: isolated PostgresConnection
    ) throws -> Bool {
        do {
            return try !connection.query(
                """
                INSERT INTO idempotency_keys (org_id, operation, key, fingerprint, status, body)
                VALUES (\(name.orgID), \(name.operation), \(name.key), \(ByteArray(bytes: answer.fingerprint)), \(status),
                        \(ByteArray(bytes: answer.body)))
                ON CONFLICT (org_id, operation, key) DO NOTHING
                RETURNING key
                """
            ).isEmpty
        } catch PostgresError.lockTimeout {
            throw Problem.idempotencyKeyInUse
        }
    }

    /// The stored answer of a key that was taken.
    ///
    /// - Throws: `Problem` `idempotency-key-reused` when it was taken for another request.
    static func answer(
        of name: Name,
        to fingerprint: [UInt8],
        on connection: isolated PostgresConnection
    ) throws -> JSONValue {
        // It was removed for its age in this moment: from the beginning.
        guard let answer = try self.find(name, to: fingerprint, on: connection) else {
            throw PostgresError.serializationFailure
        }
        return answer
    }

    /// The stored answer of a key, if it was taken.
    ///
    /// - Throws: `Problem` `idempotency-key-reused` when it was taken for another request.
    static func find(
        _ name: Name,
        to fingerprint: [UInt8],
        on connection: isolated PostgresConnection
    ) throws -> JSONValue? {
        let rows = try connection.query(
            """
            SELECT fingerprint, body FROM idempotency_keys
             WHERE org_id = \(name.orgID) AND operation = \(name.operation) AND key = \(name.key)
            """
        )
        guard let row = rows.first else { return nil }
        guard try row.get("fingerprint", as: ByteArray.self).bytes == fingerprint else {
            throw Problem.idempotencyKeyReused
        }
        return try JSONValue(parsing: try row.get("body", as: ByteArray.self).bytes)
    }
}
