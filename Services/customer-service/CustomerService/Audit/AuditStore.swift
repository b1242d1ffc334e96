import Foundation
import HTTPService
import Hummingbird
import Postgres
import Shared

/// One line of an organization's audit trail, of acts on customers, groups and the do-not-contact list.
struct AuditRecord: Sendable {
    /// The words of every service's trail; others than these are written elsewhere.
    enum Action: String, Sendable, CaseIterable {
        case created = "CREATED"
        case updated = "UPDATED"
        case deleted = "DELETED"
        case sent = "SENT"
        case failed = "FAILED"
        case blockedByPolicy = "BLOCKED_BY_POLICY"
    }

    enum EntityType: String, Sendable {
        case customer, group, suppression
    }

    let action: Action
    let entityType: EntityType
    let entityID: UUID
    /// What changed, without names, addresses or fields; nil when there is nothing to add.
    let detail: JSONValue?
    let orgID: OrgID
    let actor: String
    let requestID: String

    init<Entity>(
        _ action: Action,
        _ entityType: EntityType,
        _ id: ID<Entity>,
        by context: OrgRequestContext,
        _ detail: JSONValue? = nil
    ) {
        self.action = action
        self.entityType = entityType
        self.entityID = id.uuid
        self.detail = detail
        self.orgID = context.orgID
        self.actor = context.actor
        self.requestID = context.id
    }
}

/// The statements on the table `audit_events`, which can only grow.
enum AuditStore {
    static func insert(_ record: AuditRecord) -> SQL {
        """
        INSERT INTO audit_events (org_id, id, at, actor, action, entity_type, entity_id, request_id, detail)
        VALUES (\(record.orgID), \(ID<AuditEvent>.new()), clock_timestamp(), \(record.actor), \(record.action.rawValue),
                \(record.entityType.rawValue), \(record.entityID), \(record.requestID), \(record.detail?.text)::json)
        """
    }
}
