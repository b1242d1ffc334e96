package import Postgres
import Shared

/// Gives back what workers no longer hold: the lease ended, the worker died, or it was started anew.
///
/// Whether the message left is not known then: the attempt is shown as `lost`, and the message is sent again.
package struct EndLeases: Sendable {
    /// Messages given back in one transaction, so that none is long.
    static let batch = 500
    /// A worker that has not been heard of for this long is dead; it beats each second.
    static let silence: Duration = .seconds(8)

    /// Sees the outbox of every organization, and nothing but its ids and times.
    let engine: PostgresPool
    let settle: SettleMessages

    package init(engine: PostgresPool, settle: SettleMessages) {
        self.engine = engine
        self.settle = settle
    }

    /// - Returns: how many messages were given back.
    @discardableResult
    package func callAsFunction() async throws -> Int {
        var count = 0
        while true {
            let events = try await self.engine.run { connection in try Self.endedLeases(on: connection) }
            try await self.settle(events)
            count += events.count
            if events.count < Self.batch { return count }
        }
    }

    private static func endedLeases(on connection: isolated PostgresConnection) throws -> [AttemptEvent] {
        let rows = try connection.query(
            """
            SELECT o.org_id, o.message_id, o.epoch
              FROM outbox o LEFT JOIN workers w ON w.name = o.worker
             WHERE o.state = 'leased'
               AND (o.lease_until < clock_timestamp()
                    OR w.incarnation IS DISTINCT FROM o.incarnation
                    OR w.beat_at < clock_timestamp() - \(Int(Self.silence.microseconds))::bigint * interval '1 microsecond')
             LIMIT \(Self.batch)::int
            """
        )
        return try rows.map { row in
            AttemptEvent(
                orgID: try row.get("org_id"),
                reference: AttemptReference(messageID: try row.get("message_id"), number: try row.get("epoch")),
                event: DeliveryEvent(
                    .lost,
                    error: ProviderError(
                        code: "worker-lost",
                        detail: "The worker ended without a word; the message may have left, and is sent again."
                    )
                ),
                source: .silence
            )
        }
    }
}
