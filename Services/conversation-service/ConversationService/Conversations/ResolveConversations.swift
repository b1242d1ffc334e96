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
        var ids = try await self.postgres.answers(to: items, orgID: \.orgID) { items, connection in
            let latest = Self.latest(items)
            connection.concludeWithNext()
            let current = try ConversationStore.current(Array(latest.values), on: connection)
            return items.map { current[ConversationKey($0)] }
        }
        let outdated = ids.indices.filter { ids[$0] == nil }
        let saved = try await self.save(outdated.map { items[$0] })
        for (index, id) in zip(outdated, saved) { ids[index] = id }
        return ids.compactMap(\.self)
    }

    /// Opens the conversations that are missing, and notes where the customers of the others are reached now.
    private func save(_ items: [ConversationAPI.Resolve]) async throws -> [ConversationID] {
        guard !items.isEmpty else { return [] }
        return try await self.postgres.answers(to: items, orgID: \.orgID) { items, connection in
            let now = self.now()
            let saved = try ConversationStore.save(Array(Self.latest(items).values), at: now, on: connection)
            let opened = saved.ids.filter { saved.opened.contains($0.value) }
            if !opened.isEmpty {
                connection.concludeWithNext()
                try connection.query(ActivityStore.insertFirst(opened.map { Activity(opening: $1, of: $0, at: now) }))
            }
            return try items.map { item in
                // Another transaction deleted one that was just there: from the beginning.
                guard let id = saved.ids[ConversationKey(item)] else { throw PostgresError.serializationFailure }
                return id
            }
        }
    }

    private static func latest(_ items: [ConversationAPI.Resolve]) -> [ConversationKey: ConversationAPI.Resolve] {
        Dictionary(items.map { (ConversationKey($0), $0) }) { $1 }
    }
}
