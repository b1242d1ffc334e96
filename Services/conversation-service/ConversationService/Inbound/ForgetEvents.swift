import Postgres
import Shared

/// Forgets received events after 35 days: providers repeat for a week, and our own inbox for 30 days.
struct ForgetEvents: Sendable {
    static let memory: Duration = .seconds(35 * 24 * 60 * 60)
    /// Rows in one transaction, so that none is long.
    static let batch = 500
    /// In one transaction, for which `PostgresPool.answers` says why there are not more.
    private static let organizationsAtOnce = 25

    let postgres: PostgresPool
    let now: @Sendable () -> Timestamp

    /// Forgets all there are.
    func callAsFunction() async throws {
        let time = self.now() - Self.memory
        var last: OrgID?
        while true {
            let after = last
            let orgs = try await self.postgres.run { connection in
                try OrgDirectory.page(after: after, limit: Self.organizationsAtOnce, on: connection)
            }
            guard !orgs.isEmpty else { return }
            while try await self.forget(before: time, of: orgs) == Self.batch {}
            last = orgs.last
        }
    }

    private func forget(before time: Timestamp, of orgs: [OrgID]) async throws -> Int {
        try await self.postgres.transaction(for: orgs) { connection in
            try ReceivedEventStore.forget(before: time, of: orgs, limit: Self.batch, on: connection)
        }
    }
}
