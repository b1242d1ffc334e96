import Postgres
package import Shared

/// One line of an organization's audit trail.
package struct AuditRecord: Sendable {
    package enum Action: String, Sendable, CaseIterable {
        case created = "CREATED"
        case updated = "UPDATED"
        case deleted = "DELETED"
        case sent = "SENT"
        case failed = "FAILED"
        case blockedByPolicy = "BLOCKED_BY_POLICY"
    }

    package enum EntityType: String, Sendable {
        case message
        case channelAccount = "channel_account"
    }

    package let orgID: OrgID
    package let id: ID<AuditEvent>
    /// `key:<id>`, `operator`, `engine`.
    package let actor: String
    package let action: Action
    package let entityType: EntityType
    package let entityID: String
    package let requestID: String?
    /// JSON without secrets, addresses or message text; nil when there is nothing to add.
    package let detail: String?

    package init(
        orgID: OrgID,
        actor: String,
        action: Action,
        entityType: EntityType,
        entityID: String,
        requestID: String?,
        detail: String? = nil
    ) {
        self.orgID = orgID
        self.id = .new()
        self.actor = actor
        self.action = action
        self.entityType = entityType
        self.entityID = entityID
        self.requestID = requestID
        self.detail = detail
    }

    /// What a settlement adds to the trail: the first `SENT`, and each `FAILED`; nil when it is neither.
    init?(settled settlement: Settlement) {
        let before = settlement.stored.status
        guard settlement.status != before else { return nil }
        let action: Action
        switch settlement.status {
        case .sent: action = .sent
        case .delivered where before != .sent, .read where before != .sent && before != .delivered: action = .sent
        case .failed: action = .failed
        case .scheduled, .queued, .sending, .uncertain, .delivered, .read, .skipped, .cancelled, .expired: return nil
        }
        self.init(
            orgID: settlement.stored.orgID,
            actor: "engine",
            action: action,
            entityType: .message,
            entityID: settlement.stored.id.description,
            requestID: nil
        )
    }
}

extension AuditRecord.Action: PostgresValue {}
extension AuditRecord.EntityType: PostgresValue {}

/// The statements on the table `audit_events`, which can only grow.
package enum AuditStore {
    static func insert(_ records: [AuditRecord]) -> SQL {
        """
        INSERT INTO audit_events (org_id, id, actor, action, entity_type, entity_id, request_id, detail)
        SELECT org_id, id, actor, action, entity_type, entity_id, request_id, detail::json
          FROM unnest(
            \(records.map(\.orgID))::uuid[], \(records.map(\.id))::uuid[], \(records.map(\.actor))::text[],
            \(records.map(\.action))::text[], \(records.map(\.entityType))::text[],
            \(records.map(\.entityID))::uuid[], \(records.map(\.requestID))::text[], \(records.map(\.detail))::text[]
          ) AS r (org_id, id, actor, action, entity_type, entity_id, request_id, detail)
        """
    }
}
