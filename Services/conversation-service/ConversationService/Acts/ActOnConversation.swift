import AuditTrail
import Postgres
import Shared

/// Does what a person wants with a conversation, and puts it down in its timeline and in the trail; repeating it changes nothing.
struct ActOnConversation: Sendable {
    let postgres: PostgresPool
    let now: @Sendable () -> Timestamp

    /// - Returns: the conversation afterwards.
    /// - Throws: `Problem.notFound` for an id that the organization does not have.
    func callAsFunction(
        _ act: ConversationAct,
        on id: ConversationID,
        for acting: Acting,
        requestID: String
    ) async throws -> StoredConversation {
        try await self.postgres.transaction(for: [acting.orgID]) { connection in
            guard var conversation = try ConversationStore.lock(id, of: acting.orgID, on: connection) else {
                throw Problem.notFound
            }
            guard let activity = conversation.apply(act, by: acting.actor, at: self.now()) else { return conversation }
            let audit = AuditRecord(act, on: id, as: activity, for: acting, requestID: requestID)
            try connection.pipeline([
                ConversationStore.write([conversation]), ActivityStore.insert([activity]), AuditStore.insert(audit),
            ])
            return conversation
        }
    }
}

extension AuditRecord {
    fileprivate init(
        _ act: ConversationAct,
        on id: ConversationID,
        as activity: Activity,
        for acting: Acting,
        requestID: String
    ) {
        var detail = activity.detail?.object ?? [:]
        detail["act"] = .string(act.name)
        self.init(
            orgID: acting.orgID,
            actor: acting.actor,
            action: .updated,
            entityType: .conversation,
            entityID: id.uuid,
            requestID: requestID,
            detail: .object(detail)
        )
    }
}
