import Logging
import Postgres
import Shared

/// Writes down what became of events that were passed on.
struct SettleEvents: Sendable {
    let postgres: PostgresPool
    let policy: InboxPolicy
    let logger: Logger
    let metrics: InboxMetrics
    let now: @Sendable () -> Timestamp

    func callAsFunction(_ events: [ClaimedEvent], _ verdicts: [PassVerdict]) async throws {
        let settlements = zip(events, verdicts).map { Settlement($0, $1, policy: self.policy) }
        for settlement in settlements where settlement.state == .failed {
            self.logger.error(
                "inbox event failed",
                metadata: [
                    "org.id": "\(settlement.event.orgID)", "account.id": "\(settlement.event.accountID)",
                    "inbox.key": "\(settlement.event.key)", "error": "\(settlement.error ?? "")",
                ]
            )
        }
        let orgs = Array(Set(settlements.map(\.event.orgID)))
        try await self.postgres.transaction(for: orgs, plans: .kept) { connection in
            _ = try connection.query(InboxStore.settle(settlements))
        }
        let now = self.now()
        for settlement in settlements { self.metrics.settled(settlement, at: now) }
    }
}
