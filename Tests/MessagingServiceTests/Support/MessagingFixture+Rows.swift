import Postgres
import Shared
import Testing

@testable import MessagingService

extension MessagingFixture {
    /// Reads one row of one organization.
    func row(_ sql: SQL, as orgID: OrgID? = nil) async throws -> Row {
        try #require(try await self.rows(sql, as: orgID).first)
    }

    @discardableResult
    func rows(_ sql: SQL, as orgID: OrgID? = nil) async throws -> [Row] {
        try await self.postgres.transaction(for: [orgID ?? self.orgID]) { connection in try connection.query(sql) }
    }

    func count(_ sql: SQL) async throws -> Int {
        try await self.row(sql).get("count")
    }

    func status(of id: MessageID) async throws -> MessageStatus {
        try await self.row("SELECT current_status FROM message_states WHERE id = \(id)").get("current_status")
    }

    func key(_ id: MessageID) -> MessageKey { MessageKey(orgID: self.orgID, id: id) }

    /// Where a message stands in the queue; nil when it has left it.
    func queued(_ id: MessageID) async throws -> QueueRow? {
        let key = self.key(id)
        return try await self.postgres.transaction(for: [self.orgID]) { connection in
            try QueueStore.rows(in: try connection.query(QueueStore.lockRows(of: [key])))[key]
        }
    }

    /// Where messages stand in the queue, in their order; nil for those that have left it.
    func states(of ids: [MessageID]) async throws -> [QueueState?] {
        var states: [QueueState?] = []
        for id in ids { states.append(try await self.queued(id)?.state) }
        return states
    }

    /// The lane of a message.
    func lane(of id: MessageID) async throws -> Lane {
        let key = self.key(id)
        let lanes = try await self.postgres.transaction(for: [self.orgID]) { connection in
            try QueueStore.lanes(in: try connection.query(QueueStore.lockLanes(of: [key])))
        }
        return try #require(lanes.values.first)
    }

    /// How the organization's only account stands, or the one named.
    func flow(of accountID: AccountID? = nil) async throws -> AccountFlow {
        let id: AccountID
        if let accountID {
            id = accountID
        } else {
            id = try await self.row("SELECT id FROM channel_accounts").get("id")
        }
        let key = AccountKey(orgID: self.orgID, accountID: id)
        let flows = try await self.postgres.transaction(for: [self.orgID]) { connection in
            try FlowStore.flows(in: try connection.query(FlowStore.read([key])))
        }
        return try #require(flows[key])
    }

    /// The acts that the audit trail has of a thing, in their order.
    func acts(of entityID: String) async throws -> [String] {
        try await self.rows(
            """
            SELECT detail ->> 'act' AS act FROM audit_events
             WHERE entity_id = \(entityID)::uuid AND detail IS NOT NULL ORDER BY id
            """
        ).map { try $0.get("act") }
    }

    /// What the route shows.
    func timeline(of id: MessageID) async throws -> [Timeline.Entry] {
        let store = MessageStore(orgID: self.orgID)
        let timeline = try await self.postgres.transaction(for: [self.orgID]) { connection in
            try store.find(id, on: connection).map { message in
                Timeline(
                    message: message,
                    attempts: try store.attempts(of: id, on: connection),
                    reports: try store.reports(of: id, on: connection),
                    acts: try store.acts(of: id, on: connection),
                    standing: try store.standing(of: id, on: connection)
                )
            }
        }
        return try #require(timeline).entries
    }
}
