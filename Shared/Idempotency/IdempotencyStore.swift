package import Postgres
package import Secrets
package import Shared

/// The statements on the table `idempotency_keys`, for what is made one by one.
package enum IdempotencyStore {
    /// Old keys that one create removes: more than it adds, so that they become fewer.
    private static let mostRemoved = 100

    package struct Name: Sendable {
        package let orgID: OrgID
        package let operation: String
        package let key: String

        package init(orgID: OrgID, operation: String, key: String) {
            self.orgID = orgID
            self.operation = operation
            self.key = key
        }
    }

    package struct Answer: Sendable {
        package let status: Int
        package let location: String?
        package let body: [UInt8]

        package init(status: Int, location: String? = nil, body: [UInt8]) {
            self.status = status
            self.location = location
            self.body = body
        }
    }

    /// Removes some of an organization's keys that are older than the 7 days promised.
    static func removeOld(of orgID: OrgID) -> SQL {
        """
        DELETE FROM idempotency_keys
         WHERE org_id = \(orgID) AND created_at < now() - interval '7 days'
           AND created_at <= (
            SELECT max(created_at) FROM (
                SELECT created_at FROM idempotency_keys
                 WHERE org_id = \(orgID) AND created_at < now() - interval '7 days'
                 ORDER BY created_at LIMIT \(Self.mostRemoved)::int) AS oldest)
        """
    }

    /// Takes a key for this transaction; one that another transaction is taking is waited for.
    ///
    /// - Throws: `Problem` `idempotency-key-in-use` when that takes too long.
    /// - Returns: false where it was taken before.
    package static func take(
        _ name: Name,
        fingerprint: RequestFingerprint,
        on connection: isolated PostgresConnection
    ) throws -> Bool {
        do {
            return try !connection.query(
                """
                INSERT INTO idempotency_keys (org_id, operation, key, fingerprint)
                VALUES (\(name.orgID), \(name.operation), \(name.key), \(ByteArray(bytes: fingerprint.bytes)))
                ON CONFLICT (org_id, operation, key) DO NOTHING
                RETURNING key
                """
            ).isEmpty
        } catch PostgresError.lockTimeout {
            throw Problem.idempotencyKeyInUse
        }
    }

    /// Stores the answer beside its key.
    package static func keep(_ answer: Answer, for name: Name) -> SQL {
        """
        UPDATE idempotency_keys
           SET status = \(answer.status), location = \(answer.location), body = \(ByteArray(bytes: answer.body))
         WHERE org_id = \(name.orgID) AND operation = \(name.operation) AND key = \(name.key)
        """
    }

    /// The stored answer of a key that was taken.
    ///
    /// - Throws: `Problem` `idempotency-key-reused` when it was taken for another request.
    package static func answer(
        of name: Name,
        to fingerprint: RequestFingerprint,
        on connection: isolated PostgresConnection
    ) throws -> Answer {
        // It was removed for its age in this moment: from the beginning.
        guard let answer = try self.find(name, to: fingerprint, on: connection) else {
            throw PostgresError.serializationFailure
        }
        return answer
    }

    /// The stored answer of a key, if it was taken.
    ///
    /// - Throws: `Problem` `idempotency-key-reused` when it was taken for another request.
    package static func find(
        _ name: Name,
        to fingerprint: RequestFingerprint,
        on connection: isolated PostgresConnection
    ) throws -> Answer? {
        let rows = try connection.query(
            """
            SELECT fingerprint, status, location, body FROM idempotency_keys
             WHERE org_id = \(name.orgID) AND operation = \(name.operation) AND key = \(name.key)
            """
        )
        guard let row = rows.first else { return nil }
        guard fingerprint.matches(try row.get("fingerprint", as: ByteArray.self).bytes) else {
            throw Problem.idempotencyKeyReused
        }
        return Answer(
            status: try row.get("status"),
            location: try row.getIfPresent("location"),
            body: try row.get("body", as: ByteArray.self).bytes
        )
    }
}
