import Postgres
import Shared

/// Does what a person wants with a conversation, and puts it down in its timeline; repeating it changes nothing.
struct ActOnConversation: Sendable {
    let postgres: PostgresPool
    let now: @Sendable () -> Timestamp

    /// - Returns: the conversation afterwards.
    /// - Throws: `Problem.notFound` for an id that the organization does not have.
    func callAsFunction(
        _ act: ConversationAct,
        on id: ConversationID,
        for acting: Acting
    ) async throws -> StoredConversation {
        try await self.postgres.transaction(for: [acting.orgID]) { connection in
            guard var conversation = try ConversationStore.lock(id, of: acting.orgID, on: connection) else {
                throw Problem.notFound
            }
            guard let activity = conversation.apply(act, by: acting.actor, at: self.now()) else { return conversation }
            try connection.pipeline([ConversationStore.write([conversation]), ActivityStore.insert([activity])])
            return conversation
        }
    }
}
