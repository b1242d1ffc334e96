import Postgres
import Shared

// For one organization, and for what has found the rows already.
extension ConversationStore {
    /// - Returns: nil when this organization has no such conversation.
    static func get(
        _ id: ConversationID,
        of orgID: OrgID,
        on connection: isolated PostgresConnection
    ) throws(PostgresError) -> StoredConversation? {
        let rows = try connection.query("SELECT * FROM conversations WHERE org_id = \(orgID) AND id = \(id)")
        return try rows.first.map { row throws(PostgresError) in try StoredConversation(row) }
    }

    /// The same, and nobody else changes it until the end of the transaction.
    static func lock(
        _ id: ConversationID,
        of orgID: OrgID,
        on connection: isolated PostgresConnection
    ) throws(PostgresError) -> StoredConversation? {
        let rows = try connection.query(
            "SELECT * FROM conversations WHERE org_id = \(orgID) AND id = \(id) FOR NO KEY UPDATE"
        )
        return try rows.first.map { row throws(PostgresError) in try StoredConversation(row) }
    }

    /// Writes conversations of which the transaction holds the locks.
    static func write(_ conversations: [StoredConversation]) -> SQL {
        """
        UPDATE conversations c
           SET address_kind = r.kind, address = r.address, address_at = r.address_at, status = r.status,
               assignee = r.assignee, unread_count = r.unread_count, last_inbound_at = r.last_inbound_at,
               read_at = r.read_at, closed_at = r.closed_at, reopened_at = r.reopened_at, active_at = r.active_at,
               created_at = r.created_at, updated_at = r.updated_at
          FROM unnest(
                   \(conversations.map(\.orgID))::uuid[], \(conversations.map(\.id))::uuid[],
                   \(conversations.map(\.address.kind))::address_kind[], \(conversations.map(\.address.value))::text[],
                   \(conversations.map(\.addressAt))::timestamptz[], \(conversations.map(\.status))::conversation_status[],
                   \(conversations.map(\.assignee))::text[], \(conversations.map(\.unreadCount))::integer[],
                   \(conversations.map(\.lastInboundAt))::timestamptz[], \(conversations.map(\.readAt))::timestamptz[],
                   \(conversations.map(\.closedAt))::timestamptz[], \(conversations.map(\.reopenedAt))::timestamptz[],
                   \(conversations.map(\.activeAt))::timestamptz[], \(conversations.map(\.createdAt))::timestamptz[],
                   \(conversations.map(\.updatedAt))::timestamptz[]
               ) AS r (org_id, id, kind, address, address_at, status, assignee, unread_count, last_inbound_at, read_at,
                       closed_at, reopened_at, active_at, created_at, updated_at)
         WHERE c.org_id = r.org_id AND c.id = r.id
        """
    }

    /// One page, the most recently active first.
    static func list(
        _ filter: ConversationFilter,
        of orgID: OrgID,
        after last: (activeAt: Timestamp, id: ConversationID)?,
        limit: Int,
        on connection: isolated PostgresConnection
    ) throws -> [StoredConversation] {
        try connection.query(
            """
            SELECT * FROM conversations
             WHERE org_id = \(orgID)
               AND (\(last?.activeAt)::timestamptz IS NULL OR (active_at, id) < (\(last?.activeAt), \(last?.id)))
               AND (\(filter.status)::conversation_status IS NULL OR status = \(filter.status))
               AND (\(filter.assignee)::text IS NULL OR assignee = \(filter.assignee))
               AND (\(filter.isAssigned)::boolean IS NULL OR (assignee IS NOT NULL) = \(filter.isAssigned))
               AND (\(filter.isUnread)::boolean IS NULL OR (unread_count > 0) = \(filter.isUnread))
               AND (\(filter.customerID)::uuid IS NULL OR customer_id = \(filter.customerID))
               AND (\(filter.accountID)::uuid IS NULL OR account_id = \(filter.accountID))
               AND (\(filter.channels)::channel[] IS NULL OR channel = ANY (\(filter.channels)))
             ORDER BY active_at DESC, id DESC
             LIMIT \(limit)::int
            """
        ).map { try StoredConversation($0) }
    }
}
