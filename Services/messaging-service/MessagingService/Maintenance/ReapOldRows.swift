package import Postgres

/// Removes rows whose time is over, a small batch after the other.
package struct ReapOldRows: Sendable {
    /// What may be removed; the policy `engine_deletes` of each table says the same, and has the last word.
    package enum Rows: String, Sendable, CaseIterable {
        /// Older than the 7 days that the public API promises.
        case idempotencyKeys = "idempotency keys"
        /// Older than 35 days: longer than any provider repeats an event, or we replay one.
        case inboundEvents = "inbound events"
        /// Much older than the minute in which they count.
        case keywordAnswers = "keyword answers"
        /// Reports whose message has not become known in 30 days.
        case unmatchedReports = "unmatched reports"
    }

    /// Rows in one transaction, so that none is long.
    static let batch = 1000

    /// May delete old rows of every organization, and sees nothing of them but their age.
    let engine: PostgresPool

    package init(engine: PostgresPool) {
        self.engine = engine
    }

    package func callAsFunction(_ rows: Rows) async throws {
        while true {
            let count = try await self.engine.run { connection in
                try connection.query(rows.deletion(of: Self.batch)).first?.get("count", as: Int.self)
            }
            guard let count, count >= Self.batch else { return }
        }
    }
}

extension ReapOldRows.Rows {
    private var table: SQL {
        switch self {
        case .idempotencyKeys: "idempotency_keys"
        case .inboundEvents: "inbound_events"
        case .keywordAnswers: "keyword_answers"
        case .unmatchedReports: "provider_events"
        }
    }

    private var time: SQL {
        switch self {
        case .idempotencyKeys: "created_at"
        case .inboundEvents, .unmatchedReports: "received_at"
        case .keywordAnswers: "answered_at"
        }
    }

    private var old: SQL {
        switch self {
        case .idempotencyKeys: "created_at < now() - interval '7 days'"
        case .inboundEvents: "received_at < now() - interval '35 days'"
        case .keywordAnswers: "answered_at < now() - interval '1 day'"
        case .unmatchedReports: "effect = 'unmatched' AND received_at < now() - interval '30 days'"
        }
    }

    /// The age is all that the role may see, so a batch is a range of ages.
    fileprivate func deletion(of batch: Int) -> SQL {
        """
        WITH deleted AS (
            DELETE FROM \(self.table)
             WHERE \(self.old)
               AND \(self.time) <= (
                SELECT max(\(self.time)) FROM (
                    SELECT \(self.time) FROM \(self.table) WHERE \(self.old) ORDER BY \(self.time) LIMIT \(batch)::int) AS oldest)
            RETURNING 1)
        SELECT count(*) AS count FROM deleted
        """
    }
}
