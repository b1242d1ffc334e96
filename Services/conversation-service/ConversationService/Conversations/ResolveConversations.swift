import InternalAPI
import Postgres
import Shared

/// Finds the conversation of each customer and account, and opens those that are missing.
///
/// When all are known, and their addresses are the stored ones, nothing is written.
struct ResolveConversations: Sendable {
    let postgres: PostgresPool
    let now: @Sendable () -> Timestamp

    /// Answers each of `items`, of any organizations, in their order.
    ///
    /// Of items for the same conversation the last says where the customer is reached.
    func callAsFunction(_ items: [ConversationAPI.Resolve]) async throws -> [ConversationID] {
        guard !items.isEmpty else { return [] }
        return try await self.postgres.answers(to: items, orgID: \.orgID) { items, connection in
            let keys = items.map(ConversationKey.init)
            let ids = try self.ids(of: Dictionary(zip(keys, items)) { $1 }, on: connection)
            return try keys.map { key in
                // Another transaction deleted one that was just there: from the beginning.
                guard let id = ids[key] else { throw PostgresError.serializationFailure }
                return id
            }
        }
    }

    private func ids(
        of latest: [ConversationKey: ConversationAPI.Resolve],
        on connection: isolated PostgresConnection
    ) throws(PostgresError) -> [ConversationKey: ConversationID] {
        let stored = try ConversationStore.current(Array(latest.values), on: connection)
        let outdated = latest.filter { stored[$0.key] == nil }
        guard !outdated.isEmpty else { return stored }
        let now = self.now()
        let saved = try ConversationStore.save(Array(outdated.values), at: now, on: connection)
        let opened = saved.ids.filter { saved.opened.contains($0.value) }
        if !opened.isEmpty {
            try connection.query(ActivityStore.insertFirst(opened.map { Activity(opening: $1, of: $0, at: now) }))
        }
        return stored.merging(saved.ids) { $1 }
    }
}
