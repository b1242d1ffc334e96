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
        case queue
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
    /// By the organization's clock; nil for the database's.
    package var at: Timestamp?

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
}

extension AuditRecord {
    /// What a settlement adds to the trail: what a person did, the first `SENT`, each `FAILED`, and what a policy blocked; nil when
    /// it is none.
    init?(settled settlement: Settlement, act: Act?) {
        let (stored, status) = (settlement.stored, settlement.status)
        if let act {
            self.init(
                act,
                on: .message,
                stored.id.description,
                of: stored.orgID,
                from: stored.status.rawValue,
                to: status.rawValue
            )
            return
        }
        guard status != stored.status else { return nil }
        let action: Action
        switch status {
        case .sent: action = .sent
        case .delivered where stored.status != .sent, .read where stored.status != .sent && stored.status != .delivered:
            action = .sent
        case .failed: action = .failed
        case .skipped: action = .blockedByPolicy
        case .scheduled, .queued, .sending, .uncertain, .delivered, .read, .cancelled, .expired: return nil
        }
        self.init(
            orgID: stored.orgID,
            actor: "engine",
            action: action,
            entityType: .message,
            entityID: stored.id.description,
            requestID: nil,
            detail: status == .skipped
                ? settlement.error.map { JSONValue.object(["code": .string($0.0.code)]).text } : nil
        )
    }

    /// What the engine did to an account's gate.
    init(_ change: AccountFlow.Change, of account: AccountKey) {
        let detail: JSONValue =
            switch change {
            case .parked(let error):
                ["act": "park", "code": .string(error.code), "reason": .string(error.detail)]
            case .resumed: ["act": "resume"]
            case .outageBegan: ["act": "outage-began"]
            case .outageEnded: ["act": "outage-ended"]
            }
        self.init(
            orgID: account.orgID,
            actor: "engine",
            action: .updated,
            entityType: .channelAccount,
            entityID: account.accountID.description,
            requestID: nil,
            detail: detail.text
        )
    }

    /// An act of a person on one thing.
    init(
        _ act: Act,
        on entityType: EntityType,
        _ entityID: String,
        of orgID: OrgID,
        from: String? = nil,
        to: String? = nil
    ) {
        var detail = act.detail
        detail["act"] = .string(act.name.rawValue)
        if let from, let to, from != to { (detail["from"], detail["to"]) = (.string(from), .string(to)) }
        self.init(
            orgID: orgID,
            actor: act.actor,
            action: act.name == .delete ? .deleted : .updated,
            entityType: entityType,
            entityID: entityID,
            requestID: act.requestID,
            detail: JSONValue.object(detail).text
        )
    }
}

/// What a person does, for the trail and the timeline.
package struct Act: Sendable {
    package enum Name: String, Sendable, CaseIterable {
        case edit, cancel, retry, resolve, delete, park, resume, pause
        case sendNow = "send-now"
        case `continue`
        case advanceClock = "advance-clock"
    }

    package let name: Name
    /// `key:<id>`, `operator`.
    package let actor: String
    package let requestID: String?
    /// JSON without secrets, addresses or message text.
    package let detail: JSONObject

    package init(_ name: Name, by actor: String, requestID: String?, detail: JSONObject = [:]) {
        self.name = name
        self.actor = actor
        self.requestID = requestID
        self.detail = detail
    }
}

extension AuditRecord.Action: PostgresValue {}
extension AuditRecord.EntityType: PostgresValue {}

/// The statements on the table `audit_events`, which can only grow.
package enum AuditStore {
    static func insert(_ records: [AuditRecord]) -> SQL {
        """
        INSERT INTO audit_events (org_id, id, at, actor, action, entity_type, entity_id, request_id, detail)
        SELECT org_id, id, coalesce(at, clock_timestamp()), actor, action, entity_type, entity_id, request_id, detail::json
          FROM unnest(
            \(records.map(\.orgID))::uuid[], \(records.map(\.id))::uuid[], \(records.map(\.actor))::text[],
            \(records.map(\.action))::text[], \(records.map(\.entityType))::text[],
            \(records.map(\.entityID))::uuid[], \(records.map(\.requestID))::text[], \(records.map(\.detail))::text[],
            \(records.map(\.at))::timestamptz[]
          ) AS r (org_id, id, actor, action, entity_type, entity_id, request_id, detail, at)
        """
    }
}
