package import HTTPService
package import Shared

/// Which lines of a trail are asked for; nil means all.
package struct AuditFilter: Sendable {
    /// Of whatever kind.
    package enum Entity {}

    package let entityID: ID<Entity>?
    package let actions: [AuditRecord.Action]?
    package let actor: String?

    /// Reads `entity_id`, `action` and `actor` of a list's query.
    package init(_ query: inout QueryParameters) {
        self.entityID = query.id("entity_id", of: Entity.self)
        self.actions = query.values("action", AuditRecord.Action.self)
        self.actor = query.string("actor", 1...200)
    }
}
