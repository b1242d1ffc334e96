import Foundation
import Postgres
import Shared

/// One line of an organization's audit trail, of acts on the organization itself and its keys.
struct AuditRecord: Sendable {
    /// The words of every service's trail; the ones after `deleted` are only written elsewhere.
    enum Action: String, Sendable, CaseIterable {
        case created = "CREATED"
        case updated = "UPDATED"
        case deleted = "DELETED"
        case sent = "SENT"
        case failed = "FAILED"
        case blockedByPolicy = "BLOCKED_BY_POLICY"
    }

    enum EntityType: String, Sendable {
        case org
        case apiKey = "api_key"
    }

    let orgID: OrgID
    let actor: String
    let action: Action
    let entityType: EntityType
    let entityID: UUID
    let requestID: String
    /// What changed, without secrets; nil when there is nothing to add.
    let detail: JSONValue?
}

/// The statements on the table `audit_events`, which can only grow.
enum AuditStore {
    static func insert(_ record: AuditRecord) -> SQL {
        """
        INSERT INTO audit_events (org_id, id, actor, action, entity_type, entity_id, request_id, detail)
        VALUES (\(record.orgID), \(ID<AuditEvent>.new()), \(record.actor), \(record.action.rawValue),
                \(record.entityType.rawValue), \(record.entityID), \(record.requestID), \(record.detail?.text)::json)
        """
    }

    /// The newest first.
    static func list(
        _ filter: AuditFilter,
        of orgID: OrgID,
        before id: ID<AuditEvent>?,
        limit: Int,
        on connection: isolated PostgresConnection
    ) throws -> [MergedPage<AuditEvent>.Entry] {
        let actions = filter.actions?.map(\.rawValue)
        return try connection.query(
            """
            SELECT id, at, actor, action, entity_type, entity_id, request_id, detail FROM audit_events
             WHERE org_id = \(orgID)
               AND (\(id)::uuid IS NULL OR id < \(id))
               AND (\(filter.entityID)::uuid IS NULL OR entity_id = \(filter.entityID))
               AND (\(actions)::text[] IS NULL OR action = ANY (\(actions)))
               AND (\(filter.actor)::text IS NULL OR actor = \(filter.actor))
             ORDER BY id DESC LIMIT \(limit)::int
            """
        ).map { try MergedPage.Entry($0) }
    }
}
