import HTTPService
import InternalAPI
import Postgres
import Shared

/// Lists the messages of one conversation, which conversation-service is only asked about when there are none.
struct ListConversationMessages: Sendable {
    let postgres: PostgresPool
    let findConversations: PrepareMessages.Calls.Call<ConversationAPI.Find, ConversationAPI.Found?>

    /// - Throws: `Problem` `not-found` where the organization has no such conversation.
    /// - Returns: one more than the page has, if there are more; the newest first.
    func callAsFunction(
        of id: ConversationID,
        in orgID: OrgID,
        _ page: PageRequest<Message>
    ) async throws -> [MessageResource] {
        let filter = MessageFilter(conversationID: id)
        let messages = try await self.postgres.transaction(for: [orgID]) { connection in
            try MessageStore(orgID: orgID).list(filter, before: page.after, limit: page.limit + 1, on: connection)
        }
        if messages.isEmpty {
            guard try await self.findConversations([.init(orgID: orgID, id: id)]).first ?? nil != nil else {
                throw Problem.notFound
            }
        }
        return messages
    }
}
