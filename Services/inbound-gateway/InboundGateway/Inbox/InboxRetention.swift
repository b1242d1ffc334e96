import Logging
import Postgres
import ServiceLifecycle
import Shared

/// Forgets events and requests that came longer ago than the inbox remembers, whatever their state.
struct InboxRetention: Service {
    /// Organizations in one scope and one round trip: at most 100,000 rows go in one transaction.
    static let orgsAtOnce = 100

    let postgres: PostgresPool
    let policy: InboxPolicy
    let clock: any Clock<Duration>
    let now: @Sendable () -> Timestamp
    let logger: Logger
    let metrics: InboxMetrics

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            while true {
                do {
                    try await self.sweep()
                    self.metrics.swept()
                } catch let error as PostgresError {
                    self.logger.warning("retention failed", metadata: ["error": "\(error)"])
                }
                try await self.clock.sleep(for: self.policy.retentionInterval)
            }
        }
    }

    /// Goes once over all organizations.
    func sweep() async throws {
        var last: OrgID?
        while true {
            let after = last
            let orgs = try await self.postgres.run {
                try InboxRequestStore.orgs(after: after, atMost: Self.orgsAtOnce, on: $0)
            }
            guard !orgs.isEmpty else { return }
            try await self.sweep(orgs)
            last = orgs.last
        }
    }

    /// In transactions of at most 1,000 rows of an organization and table, so that none holds the others up.
    private func sweep(_ orgs: [OrgID]) async throws {
        let time = Timestamp(microseconds: self.now().microseconds - self.policy.retention.microseconds)
        var left = orgs
        while !left.isEmpty {
            let current = left
            left = try await self.postgres.transaction(for: current) { connection in
                let events = try InboxStore.deleteOld(of: current, before: time, on: connection)
                let requests = try InboxRequestStore.deleteOld(of: current, before: time, on: connection)
                return zip(current, zip(events, requests)).filter { $1.0 == 1000 || $1.1 == 1000 }.map(\.0)
            }
        }
    }
}
