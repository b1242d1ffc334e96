package import Foundation
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
        case exported = "EXPORTED"
        case erased = "ERASED"
    }

    /// What was acted on; each service writes of its own.
    package enum EntityType: String, Sendable {
        case org, message, broadcast, queue, template, customer, group, suppression, conversation
        case apiKey = "api_key"
        case channelAccount = "channel_account"
        case webhookEvent = "webhook_event"
    }

    package let orgID: OrgID
    package let id: ID<AuditEvent>
    /// `key:<id>`, `operator`, `engine`, `provider`.
    package let actor: String
    package let action: Action
    package let entityType: EntityType
    package let entityID: UUID
    /// Nil for what nobody asked for.
    package let requestID: String?
    /// What changed, without secrets, names, addresses or message text; nil when there is nothing to add.
    package let detail: JSONValue?
    /// By the organization's clock; nil for the database's.
    package var at: Timestamp?

    package init(
        orgID: OrgID,
        actor: String,
        action: Action,
        entityType: EntityType,
        entityID: UUID,
        requestID: String?,
        detail: JSONValue? = nil
    ) {
        self.orgID = orgID
        self.id = .new()
        self.actor = actor
        self.action = action
        self.entityType = entityType
        self.entityID = entityID
        self.requestID = requestID
        self.detail = Self.noting(ClientOrigin.address, in: detail)
    }

    /// Adds where the request came from; to nothing but an object, which all details are.
    private static func noting(_ client: String?, in detail: JSONValue?) -> JSONValue? {
        guard let client, var object = detail.map(\.object) ?? JSONObject() else { return detail }
        object["client"] = .string(client)
        return .object(object)
    }
}
