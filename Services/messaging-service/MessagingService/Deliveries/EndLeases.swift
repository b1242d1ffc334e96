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
    private let watch: SilenceWatch

    package init(engine: PostgresPool, settle: SettleMessages, now: ContinuousClock.Instant = .now) {
        self.engine = engine
        self.settle = settle
        self.watch = SilenceWatch(startedAt: now)
    }

    /// - Returns: how many messages were given back.
    @discardableResult
    package func callAsFunction(now: ContinuousClock.Instant = .now) async throws -> Int {
        let silence: Duration? = self.watch.listened(at: now) ? Self.silence : nil
        var count = 0
        while true {
            let events = try await self.engine.run { connection in
                try Self.endedLeases(silence: silence, on: connection)
            }
            let effects = try await self.settle(events)
            let ended = effects.count { if case .applied = $0 { true } else { false } }
            count += ended
            // What changes nothing would be found again for ever.
            if events.count < Self.batch || ended == 0 { return count }
        }
    }

    /// Leases that are over; `silence` is nil while nobody could have been heard.
    private static func endedLeases(
        silence: Duration?,
        on connection: isolated PostgresConnection
    ) throws -> [AttemptEvent] {
        let rows = try connection.query(
            """
            SELECT o.org_id, o.message_id, o.epoch
              FROM outbox o LEFT JOIN workers w ON w.name = o.worker
             WHERE o.state = 'leased'
               AND (o.lease_until < clock_timestamp()
                    OR w.incarnation IS DISTINCT FROM o.incarnation
                    OR w.beat_at < clock_timestamp() - \(silence.map { Int($0.microseconds) })::bigint * interval '1 microsecond')
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
