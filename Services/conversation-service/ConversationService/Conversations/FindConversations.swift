import InternalAPI
import Postgres
import Shared

/// Looks up conversations by id.
struct FindConversations: Sendable {
    let postgres: PostgresPool

    /// Answers each of `items`, of any organizations, in their order; nil where the organization has no such conversation.
    func callAsFunction(_ items: [ConversationAPI.Find]) async throws -> [ConversationAPI.Found?] {
        guard !items.isEmpty else { return [] }
        return try await self.postgres.answers(to: items, orgID: \.orgID) { items, connection in
            try ConversationStore.find(items, on: connection)
        }
    }
}
