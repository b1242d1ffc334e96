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
        return try MessageResource.read(rows, on: connection).first
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
               AND (\(filter.broadcastID)::uuid IS NULL OR broadcast_id = \(filter.broadcastID))
               AND (\(filter.reference)::text IS NULL OR reference = \(filter.reference))
               AND (\(filter.direction)::message_direction IS NULL OR direction = \(filter.direction))
               AND (\(filter.createdAfter)::timestamptz IS NULL OR created_at > \(filter.createdAfter))
               AND (\(filter.createdBefore)::timestamptz IS NULL OR created_at < \(filter.createdBefore))
             ORDER BY id DESC
             LIMIT \(limit)::int
            """
        )
        return try MessageResource.read(rows, on: connection)
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

    /// Where an unfinished message stands; nil when it has come to an end.
    func standing(of id: MessageID, on connection: isolated PostgresConnection) throws -> StandingResource? {
        try connection.query(StandingResource.of(id, self.orgID)).first.map { try StandingResource($0) }
    }

    /// What people did to a message, in order.
    func acts(of id: MessageID, on connection: isolated PostgresConnection) throws -> [ActResource] {
        try connection.query(
            """
            SELECT at, actor, detail FROM audit_events
             WHERE org_id = \(self.orgID) AND entity_id = \(id) AND action = 'UPDATED' AND detail IS NOT NULL ORDER BY id
            """
        ).compactMap { try ActResource($0) }
    }

    /// One page of failed messages, the newest first.
    func failed(
        _ filter: BulkFilter,
        before cursor: MessageID?,
        limit: Int,
        on connection: isolated PostgresConnection
    ) throws -> [MessageResource] {
        let rows = try connection.query(
            """
            SELECT m.* FROM dead_letters d JOIN message_states m ON m.org_id = d.org_id AND m.id = d.message_id
             WHERE d.org_id = \(self.orgID)
               AND (\(cursor)::uuid IS NULL OR d.message_id < \(cursor))
               AND (\(filter.messages.channels)::channel[] IS NULL OR m.channel = ANY (\(filter.messages.channels)))
               AND (\(filter.messages.accountID)::uuid IS NULL OR m.account_id = \(filter.messages.accountID))
               AND (\(filter.messages.createdAfter)::timestamptz IS NULL OR m.created_at > \(filter.messages.createdAfter))
               AND (\(filter.messages.createdBefore)::timestamptz IS NULL OR m.created_at < \(filter.messages.createdBefore))
               AND (\(filter.errorCode)::text IS NULL OR m.error_code = \(filter.errorCode))
             ORDER BY d.message_id DESC
             LIMIT \(limit)::int
            """
        )
        return try MessageResource.read(rows, on: connection)
    }

    /// The attempts of several messages, the first of each first.
    func attempts(
        of ids: [MessageID],
        on connection: isolated PostgresConnection
    ) throws -> [MessageID: [AttemptResource]] {
        let rows = try connection.query(
            """
            SELECT a.* FROM unnest(\(ids)::uuid[]) AS r (id)
              JOIN attempts a ON a.org_id = \(self.orgID) AND a.message_id = r.id
             ORDER BY a.message_id, a.number
            """
        )
        return Dictionary(
            grouping: try rows.map {
                (id: try $0.get("message_id", as: MessageID.self), attempt: try AttemptResource($0))
            },
            by: \.id
        ).mapValues { $0.map(\.attempt) }
    }
}

/// What a list of messages is narrowed to; nil means all.
struct MessageFilter: Sendable, Equatable {
    var statuses: [MessageStatus]?
    var channels: [Channel]?
    var conversationID: ConversationID?
    var customerID: CustomerID?
    var accountID: AccountID?
    var broadcastID: ID<Broadcast>?
    var reference: String?
    var direction: Direction?
    var createdAfter: Timestamp?
    var createdBefore: Timestamp?
}
