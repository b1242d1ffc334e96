import Logging
import Postgres
import Shared

/// Passes claimed events on, and writes down what became of each.
struct PassOn: Sendable {
    let postgres: PostgresPool
    let apply: ApplyReports
    let policy: InboxPolicy
    let signal: InboxSignal
    let logger: Logger

    /// As long as it takes; for the worker.
    func callAsFunction(_ events: [ClaimedEvent]) async throws {
        try await self.write(events, await self.apply(events))
    }

    /// No longer than `budget`; what is not done by then is the worker's, at once.
    func callAsFunction(_ events: [ClaimedEvent], within budget: Duration, clock: any Clock<Duration>) async {
        let verdicts = await withTaskGroup(of: [ReportVerdict]?.self) { group in
            group.addTask { await self.apply(events) }
            group.addTask {
                try? await clock.sleep(for: budget)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        do {
            try await self.write(events, verdicts ?? events.map { _ in .late })
        } catch {
            // They are stored: when their lease ends, the worker takes them.
            self.logger.warning("inbox events left to the worker", metadata: ["error": "\(error)"])
        }
        if verdicts == nil { self.signal.wake() }
    }

    private func write(_ events: [ClaimedEvent], _ verdicts: [ReportVerdict]) async throws {
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
        try await self.postgres.transaction(for: orgs) { connection in
            try InboxStore.settle(settlements, on: connection)
        }
    }
}
