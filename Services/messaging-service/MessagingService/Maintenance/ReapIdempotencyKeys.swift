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
                // The age is all that the role may see, so a batch is a range of ages.
                try connection.query(
                    """
                    WITH deleted AS (
                        DELETE FROM idempotency_keys
                         WHERE created_at < now() - interval '7 days'
                           AND created_at <= (
                            SELECT max(created_at) FROM (
                                SELECT created_at FROM idempotency_keys
                                 WHERE created_at < now() - interval '7 days'
                                 ORDER BY created_at LIMIT \(Self.batch)::int) AS oldest)
                        RETURNING 1)
                    SELECT count(*) AS count FROM deleted
                    """
                ).first?.get("count", as: Int.self)
            }
            guard let count, count >= Self.batch else { return }
        }
    }
}
