import Postgres
import Shared

/// Makes messages due again that were put off while their broadcast was paused, with each step from its resuming on for a while.
struct WakeMessages: Sendable {
    /// Messages of one transaction.
    static let window = 2000

    let postgres: PostgresPool

    func callAsFunction(_ broadcast: StoredBroadcast) async throws {
        let (id, orgID) = (broadcast.id, broadcast.orgID)
        var woken = Self.window
        while woken == Self.window {
            woken = try await self.postgres.transaction(for: [orgID]) { connection in
                try connection.query(BroadcastStore.wake(id, of: orgID, limit: Self.window)).count
            }
        }
        try await self.postgres.transaction(for: [orgID]) { connection in
            try connection.query(BroadcastStore.endWaking(id, of: orgID))
        }
    }
}
