package import Postgres

/// Removes idempotency keys older than the 7 days that the public API promises.
package struct ReapIdempotencyKeys: Sendable {
    /// Rows in one transaction, so that none is long.
    static let batch = 1000

    /// May delete old keys of every organization, and sees nothing of them but their age.
    let engine: PostgresPool

    package init(engine: PostgresPool) {
        self.engine = engine
    }

    package func callAsFunction() async throws {
        while true {
            let count = try await self.engine.run { connection in
                try connection.query(
                    """
                    WITH deleted AS (
                        DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY(
                            SELECT ctid FROM idempotency_keys
                             WHERE created_at < now() - interval '7 days' LIMIT \(Self.batch)::int))
                        RETURNING 1)
                    SELECT count(*) AS count FROM deleted
                    """
                ).first?.get("count", as: Int.self)
            }
            guard let count, count == Self.batch else { return }
        }
    }
}
