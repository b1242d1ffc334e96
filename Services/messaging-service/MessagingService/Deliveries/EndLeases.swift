import InternalAPI
package import Postgres
package import Shared

/// Takes away what workers no longer hold: the lease ended, or the worker has been silent for too long.
///
/// Whether the message left is not known then, so the attempt is uncertain. What a worker that is started again had leased
/// is settled by `RecoverWorker`, which knows more.
package struct EndLeases: Sendable {
    /// Messages taken in one transaction, so that none is long.
    static let batch = 500
    /// A worker that has not been heard of for this long is dead; it beats each second.
    static let silence: Duration = .seconds(8)

    /// Sees the outbox of every organization, and nothing but its ids and times.
    let engine: PostgresPool
    let settle: SettleMessages
    private let watch: SilenceWatch
    /// A look reads all leases that an open snapshot keeps.
    private let pace: SharedPace

    package init(
        engine: PostgresPool,
        settle: SettleMessages,
        pace: SharedPace = SharedPace(),
        now: ContinuousClock.Instant = .now
    ) {
        self.engine = engine
        self.settle = settle
        self.watch = SilenceWatch(startedAt: now)
        self.pace = pace
    }

    /// To be called each second; where a look takes long it looks more seldom.
    ///
    /// - Returns: how many messages were taken away.
    @discardableResult
    package func callAsFunction(now: ContinuousClock.Instant = .now) async throws -> Int {
        let silence: Duration? = self.watch.listened(at: now) ? Self.silence : nil
        guard self.pace.allows(at: now) else { return 0 }
        var count = 0
        while true {
            let events: [AttemptEvent]
            do {
                let began = ContinuousClock.now
                events = try await self.engine.run { try Self.endedLeases(silence: silence, on: $0) }
                let cost = began.duration(to: .now)
                self.pace.spent(cost, until: now + cost)
            } catch {
                // Who was silent while nobody could be heard is not known.
                self.watch.interrupt(at: now)
                throw error
            }
            let effects = try await self.settle(events)
            let ended = effects.count(where: \.isApplied)
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
            SELECT o.org_id, o.message_id, o.epoch, o.lease_until < clock_timestamp() AS has_ended
              FROM outbox o LEFT JOIN workers w ON w.name = o.worker
             WHERE o.state = 'leased'
               AND (o.lease_until < clock_timestamp() OR w.name IS NULL
                    OR w.beat_at < clock_timestamp() - \(silence.map { Int($0.microseconds) })::bigint * interval '1 microsecond')
             LIMIT \(Self.batch)::int
            """
        )
        return try rows.map { row in
            let hasEnded: Bool = try row.get("has_ended")
            return AttemptEvent(
                MessagingAPI.AttemptKey(
                    orgID: try row.get("org_id"),
                    reference: AttemptReference(messageID: try row.get("message_id"), number: try row.get("epoch"))
                ),
                uncertain: hasEnded ? .leaseEnd : .crash,
                because: hasEnded ? .leaseEnded : .workerLost
            )
        }
    }
}

extension ProviderError {
    fileprivate static let leaseEnded = ProviderError(
        code: "lease-ended",
        detail: "The worker did not say in time what became of it; the message may have left."
    )
    fileprivate static let workerLost = ProviderError(
        code: "worker-lost",
        detail: "The worker ended without a word; the message may have left."
    )
}
