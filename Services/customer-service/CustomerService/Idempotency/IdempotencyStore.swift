import Postgres
import Shared

/// The statements on the table `idempotency_keys`.
enum IdempotencyStore {
    /// Old keys that one create removes: more than it adds, so that they become fewer.
    private static let mostRemoved = 100

    struct Name: Sendable {
        let orgID: OrgID
        let operation: String
        let key: String
    }

    struct Answer: Sendable {
        let fingerprint: [UInt8]
        let status: Int
        let location: String?
        let body: [UInt8]
    }

    /// Takes a key for this transaction, after removing some of the organization's that are older than the 7 days promised.
    ///
    /// A key that another transaction is taking is waited for.
    /// - Throws: `Problem` `idempotency-key-in-use` when that takes too long.
    /// - Returns: false where it was taken before.
    static func take(
        _ name: Name,
        fingerprint: [UInt8],
        on connection: isolated PostgresConnection
    ) throws -> Bool {
        do {
            return try connection.pipeline([
                """
                DELETE FROM idempotency_keys
                 WHERE org_id = \(name.orgID) AND created_at < now() - interval '7 days'
                   AND created_at <= (
                    SELECT max(created_at) FROM (
                        SELECT created_at FROM idempotency_keys
                         WHERE org_id = \(name.orgID) AND created_at < now() - interval '7 days'
                         ORDER BY created_at LIMIT \(Self.mostRemoved)::int) AS oldest)
                """,
                """
                INSERT INTO idempotency_keys (org_id, operation, key, fingerprint)
                VALUES (\(name.orgID), \(name.operation), \(name.key), \(ByteArray(bytes: fingerprint)))
                ON CONFLICT (org_id, operation, key) DO NOTHING
                RETURNING key
                """,
            ])[1].isEmpty == false
        } catch PostgresError.lockTimeout {
            throw Problem.idempotencyKeyInUse
        }
    }

    /// Stores the answer beside its key.
    static func keep(_ answer: Answer, for name: Name) -> SQL {
        """
        UPDATE idempotency_keys
           SET status = \(answer.status), location = \(answer.location), body = \(ByteArray(bytes: answer.body))
         WHERE org_id = \(name.orgID) AND operation = \(name.operation) AND key = \(name.key)
        """
    }

    static func answer(of name: Name, on connection: isolated PostgresConnection) throws(PostgresError) -> Answer? {
        let rows = try connection.query(
            """
            SELECT fingerprint, status, location, body FROM idempotency_keys
             WHERE org_id = \(name.orgID) AND operation = \(name.operation) AND key = \(name.key)
            """
        )
        guard let row = rows.first else { return nil }
        return Answer(
            fingerprint: try row.get("fingerprint", as: ByteArray.self).bytes,
            status: try row.get("status"),
            location: try row.getIfPresent("location"),
            body: try row.get("body", as: ByteArray.self).bytes
        )
    }
}
