import InternalAPI
import Postgres
import Shared

/// Finds the conversation of each customer and account, and opens those that are missing.
///
/// One statement when all are known and their addresses are the stored ones; one transaction in any case.
struct ResolveConversations: Sendable {
    let postgres: PostgresPool

    /// Answers each of `items`, of any organizations, in their order.
    ///
    /// Of items for the same conversation the last says where the customer is reached.
    func callAsFunction(_ items: [ConversationAPI.Resolve]) async throws -> [ConversationID] {
        guard !items.isEmpty else { return [] }
        let keys = items.map(ConversationKey.init)
        let latest = Dictionary(zip(keys, items)) { $1 }
        let ids = try await self.postgres.transaction(for: Array(Set(items.map(\.orgID)))) { connection in
            try Self.ids(of: latest, on: connection)
        }
        return try keys.map { key in
            // Another transaction deleted one that was just there: the caller tries again.
            guard let id = ids[key] else { throw PostgresError.serializationFailure }
            return id
        }
    }

    private static func ids(
        of latest: [ConversationKey: ConversationAPI.Resolve],
        on connection: isolated PostgresConnection
    ) throws(PostgresError) -> [ConversationKey: ConversationID] {
        let stored = try ConversationStore.current(Array(latest.values), on: connection)
        let outdated = latest.filter { stored[$0.key] == nil }
        guard !outdated.isEmpty else { return stored }
        return stored.merging(try ConversationStore.save(Array(outdated.values), on: connection)) { $1 }
    }
}
