import FaultPoints
import Postgres
import Shared

/// Writes webhooks that came at the same time in one transaction: a commit costs more than all else.
struct StoreWebhooks: Sendable {
    let postgres: PostgresPool
    let lanes: [InboxLane]
    let lease: Duration
    let metrics: InboxMetrics

    /// - Returns: for each webhook the new events that its request is to pass on. Those of a lane whose services are away
    ///   are the worker's at once.
    func callAsFunction(_ webhooks: [ReceivedWebhook]) async -> [Result<[ClaimedEvent], any Error>] {
        do {
            return try await self.store(webhooks).map { .success($0) }
        } catch {
            guard webhooks.count > 1, !((error as? PostgresError)?.isTemporary ?? false) else {
                return webhooks.map { _ in .failure(error) }
            }
            // One that can not be stored must not cost the others anything.
            var results: [Result<[ClaimedEvent], any Error>] = []
            for webhook in webhooks { results += await self([webhook]) }
            return results
        }
    }

    private func store(_ webhooks: [ReceivedWebhook]) async throws -> [[ClaimedEvent]] {
        let events = webhooks.flatMap(\.events)
        let requests = webhooks.flatMap(\.requests)
        let taken = Set(self.lanes.filter(\.state.isOpen).map(\.kind))
        let orgs = Array(Set(requests.map(\.orgID)))
        let arrivals = try await self.postgres.transaction(for: orgs, plans: .kept) { connection in
            let arrivals = try InboxStore.insert(events, taking: taken, for: self.lease, on: connection)
            let needed = Set(events.lazy.filter { arrivals[$0.id] != nil }.map(\.requestID))
            if !needed.isEmpty {
                try InboxRequestStore.insert(requests.filter { needed.contains($0.id) }, on: connection)
            }
            FaultPoint.webhookBeforeCommit.reach()
            return arrivals
        }
        for event in events where arrivals[event.id] != nil { self.metrics.stored(event) }
        return webhooks.map { webhook in
            webhook.events.compactMap { event in
                guard event.state == .pending, taken.contains(event.kind) else { return nil }
                return arrivals[event.id].map { event.claimed(at: $0) }
            }
        }
    }
}
