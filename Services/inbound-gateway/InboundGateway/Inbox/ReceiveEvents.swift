import Logging
import Postgres
import Shared

/// Stores verified webhooks, then passes on what they brought, for as long as the provider may wait.
struct ReceiveEvents: Sendable {
    let postgres: PostgresPool
    let pass: PassOn
    let policy: InboxPolicy
    let clock: any Clock<Duration>

    /// Returns once everything is stored; afterwards nothing can be lost, and the provider may be told so.
    ///
    /// - Parameters:
    ///   - requests: one for each account.
    ///   - events: of those requests; repetitions of what is stored already change nothing.
    /// - Throws: when the database could not store them; then nothing is stored.
    func callAsFunction(_ requests: [RawRequest], events: [NewInboxEvent]) async throws {
        let orgs = Array(Set(requests.map(\.orgID)))
        let lease = self.policy.lease
        let new = try await self.postgres.transaction(for: orgs) { connection in
            let new = try InboxStore.insert(events, lease: lease, on: connection)
            let needed = Set(events.lazy.filter { new.contains($0.id) }.map(\.requestID))
            if !needed.isEmpty {
                try InboxRequestStore.insert(requests.filter { needed.contains($0.id) }, on: connection)
            }
            return new
        }
        let pending = events.filter { $0.state == .pending && new.contains($0.id) }.map(\.claimed)
        if !pending.isEmpty {
            await self.pass(pending, within: self.policy.requestBudget, clock: self.clock)
        }
    }
}
