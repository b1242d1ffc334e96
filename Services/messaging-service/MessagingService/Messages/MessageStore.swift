import Postgres
package import Shared

/// The statements that read messages, for one organization.
///
/// Every statement names `org_id`, so that no row can leak across tenants.
package struct MessageStore: Sendable {
    package let orgID: OrgID

    package init(orgID: OrgID) {
        self.orgID = orgID
    }

    /// - Returns: nil when this organization has no such message.
    func find(_ id: MessageID, on connection: isolated PostgresConnection) throws -> MessageResource? {
        let rows = try connection.query(
            "SELECT * FROM message_states WHERE org_id = \(self.orgID) AND id = \(id)"
        )
        return try rows.first.map { try MessageResource($0) }
    }

    /// One page, newest first: ids are made in the order of time, so the primary key is the order.
    func list(
        _ filter: MessageFilter,
        before cursor: MessageID?,
        limit: Int,
        on connection: isolated PostgresConnection
    ) throws -> [MessageResource] {
        let rows = try connection.query(
            """
            SELECT * FROM message_states
             WHERE org_id = \(self.orgID)
               AND (\(cursor)::uuid IS NULL OR id < \(cursor))
               AND (\(filter.statuses)::message_status[] IS NULL OR current_status = ANY (\(filter.statuses)))
               AND (\(filter.channels)::channel[] IS NULL OR channel = ANY (\(filter.channels)))
               AND (\(filter.conversationID)::uuid IS NULL OR conversation_id = \(filter.conversationID))
               AND (\(filter.customerID)::uuid IS NULL OR customer_id = \(filter.customerID))
               AND (\(filter.accountID)::uuid IS NULL OR account_id = \(filter.accountID))
               AND (\(filter.reference)::text IS NULL OR reference = \(filter.reference))
               AND (\(filter.direction)::message_direction IS NULL OR direction = \(filter.direction))
               AND (\(filter.createdAfter)::timestamptz IS NULL OR created_at > \(filter.createdAfter))
               AND (\(filter.createdBefore)::timestamptz IS NULL OR created_at < \(filter.createdBefore))
             ORDER BY id DESC
             LIMIT \(limit)::int
            """
        )
        return try rows.map { try MessageResource($0) }
    }

    /// The attempts of a message, the first first.
    func attempts(of id: MessageID, on connection: isolated PostgresConnection) throws -> [AttemptResource] {
        try connection.query(
            """
            SELECT * FROM attempts WHERE org_id = \(self.orgID) AND message_id = \(id) ORDER BY number
            """
        ).map { try AttemptResource($0) }
    }

    /// What providers reported about a message, in the order in which it arrived.
    func reports(of id: MessageID, on connection: isolated PostgresConnection) throws -> [ReportResource] {
        try connection.query(
            """
            SELECT * FROM provider_events WHERE org_id = \(self.orgID) AND message_id = \(id)
             ORDER BY received_at, event_key
            """
        ).map { try ReportResource($0) }
    }

    /// The lease of a message that is being sent; nil when it is not.
    func lease(of id: MessageID, on connection: isolated PostgresConnection) throws -> LeaseResource? {
        try connection.query(
            """
            SELECT epoch, worker, leased_at FROM outbox
             WHERE org_id = \(self.orgID) AND message_id = \(id) AND state = 'leased'
            """
        ).first.map { try LeaseResource($0) }
    }
}

/// What a list of messages is narrowed to; nil means all.
struct MessageFilter: Sendable, Equatable {
    var statuses: [MessageStatus]?
    var channels: [Channel]?
    var conversationID: ConversationID?
    var customerID: CustomerID?
    var accountID: AccountID?
    var reference: String?
    var direction: Direction?
    var createdAfter: Timestamp?
    var createdBefore: Timestamp?
}
