import Postgres
import Shared

/// Looks whether all messages of a broadcast have come to an end.
///
/// It walks along the messages and stops at the first that is under way, where the next look begins: each is looked at about
/// once, however many there are.
struct FinishBroadcast: Sendable {
    /// How long until the next look.
    static let interval: Duration = .seconds(1)
    /// Messages of one statement.
    static let window = 2000

    let postgres: PostgresPool
    let replica: String

    func callAsFunction(_ broadcast: StoredBroadcast) async throws {
        try await self.postgres.transaction(for: [broadcast.orgID], lockTimeout: .seconds(5)) { connection in
            guard let row = try connection.query(BroadcastStore.hold(broadcast, by: self.replica)).first else { return }
            var current = try StoredBroadcast(row)
            if try self.walk(&current, on: connection) { current.state = .done }
            try connection.query(BroadcastStore.advance(current, nextStep: Self.interval))
        }
    }

    /// - Returns: whether the end was reached.
    private func walk(_ broadcast: inout StoredBroadcast, on connection: isolated PostgresConnection) throws -> Bool {
        while true {
            let rows = try connection.query(BroadcastStore.standings(of: broadcast, limit: Self.window))
            for row in rows {
                guard try !row.get("is_open", as: Bool.self) else { return false }
                broadcast.finished = try row.get("id")
            }
            if rows.count < Self.window { return true }
        }
    }
}
