import AuditTrail
import Shared

extension AuditRecord {
    /// What a caller did to an organization or a key.
    init<Entity>(
        _ action: Action,
        _ entityType: EntityType,
        _ id: ID<Entity>,
        of orgID: OrgID,
        by actor: String,
        requestID: String,
        _ detail: JSONObject = [:]
    ) {
        self.init(
            orgID: orgID,
            actor: actor,
            action: action,
            entityType: entityType,
            entityID: id.uuid,
            requestID: requestID,
            detail: .object(detail)
        )
    }
}
