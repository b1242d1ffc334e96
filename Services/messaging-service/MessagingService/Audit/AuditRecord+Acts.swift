import AuditTrail
import Foundation
import Shared

extension AuditRecord {
    /// What a settlement adds to the trail: what a person did, the first `SENT`, each `FAILED`, and what a policy blocked; nil when
    /// it is none.
    init?(settled settlement: Settlement, act: Act?) {
        let (stored, status) = (settlement.stored, settlement.status)
        if let act {
            self.init(
                act,
                on: .message,
                stored.id.uuid,
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
            entityID: stored.id.uuid,
            requestID: nil,
            detail: status == .skipped
                ? settlement.error.map { .object(["code": .string($0.0.code)]) } : nil
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
            entityID: account.accountID.uuid,
            requestID: nil,
            detail: detail
        )
    }

    /// An act of a person on one thing.
    init(
        _ act: Act,
        on entityType: EntityType,
        _ entityID: UUID,
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
            detail: .object(detail)
        )
    }
}
