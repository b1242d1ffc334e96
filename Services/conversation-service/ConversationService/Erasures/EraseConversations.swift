import HTTPService
import InternalAPI
import Postgres
import Shared

/// Erases where customers were reached in their conversations, and closes those: nothing is sent in them any more.
///
/// Their counts, times and activities stay. What a repeated message would be recognised by becomes a hash, which
/// inbound-gateway compares before anything comes here.
struct EraseConversations: Sendable {
    let postgres: PostgresPool
    let now: @Sendable () -> Timestamp

    func callAsFunction(_ request: ErasureRequest, for context: OrgRequestContext) async throws -> ErasureAnswer {
        let orgID = context.orgID
        let ids = try await self.postgres.transaction(for: [orgID]) { connection -> [ConversationID] in
            let store = ErasureStore(orgID: orgID)
            let found = try connection.query(store.lock(request.customerIDs, request.conversationIDs))
            let ids = try found.map { try $0.get("id", as: ConversationID.self) }
            try connection.pipeline([store.erase(ids, at: self.now())] + store.eraseEvents(of: ids))
            return ids
        }
        return ErasureAnswer(.done, conversationIDs: ids)
    }
}

/// The statements that erase, for one organization.
struct ErasureStore: Sendable {
    let orgID: OrgID

    /// All that are meant, in the order in which others lock several.
    func lock(_ customers: [CustomerID], _ conversations: [ConversationID]) -> SQL {
        """
        SELECT id FROM conversations
         WHERE org_id = \(self.orgID)
           AND (customer_id = ANY (\(customers)::uuid[]) OR id = ANY (\(conversations)::uuid[]))
         ORDER BY customer_id, account_id FOR UPDATE
        """
    }

    func erase(_ ids: [ConversationID], at now: Timestamp) -> SQL {
        """
        UPDATE conversations
           SET address = \(Erased.text), erased_at = coalesce(erased_at, \(now)), updated_at = \(now), status = 'closed',
               closed_at = coalesce(closed_at, \(now)), unread_count = 0
         WHERE org_id = \(self.orgID) AND id = ANY (\(ids)::uuid[]) AND (erased_at IS NULL OR address <> \(Erased.text))
        """
    }

    func eraseEvents(of ids: [ConversationID]) -> [SQL] {
        [
            """
            UPDATE received_events
               SET event_key = \(Erased.prefix) || encode(sha256(convert_to(event_key, 'UTF8')), 'hex')
             WHERE org_id = \(self.orgID) AND conversation_id = ANY (\(ids)::uuid[])
               AND NOT starts_with(event_key, \(Erased.prefix))
            """,
            """
            UPDATE activities
               SET cause = \(Activity.Cause.prefix) || \(Erased.prefix)
                        || encode(sha256(convert_to(substr(cause, \(Activity.Cause.prefix.count + 1)::int), 'UTF8')), 'hex')
             WHERE org_id = \(self.orgID) AND conversation_id = ANY (\(ids)::uuid[])
               AND starts_with(cause, \(Activity.Cause.prefix))
               AND NOT starts_with(cause, \(Activity.Cause.prefix + Erased.prefix))
            """,
        ]
    }
}
