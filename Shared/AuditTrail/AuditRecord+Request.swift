package import HTTPService
import Hummingbird
package import Shared

extension AuditRecord {
    /// What a request does to one thing.
    package init<Entity>(
        _ action: Action,
        _ entityType: EntityType,
        _ id: ID<Entity>,
        by context: OrgRequestContext,
        _ detail: JSONValue? = nil
    ) {
        self.init(
            orgID: context.orgID,
            actor: context.actor,
            action: action,
            entityType: entityType,
            entityID: id.uuid,
            requestID: context.id,
            detail: detail
        )
    }
}
