import Postgres
import Shared

extension MergedPage<AuditEvent>.Entry {
    /// One line of our own trail as the public API shows it.
    init(_ row: Row) throws(PostgresError) {
        let id: ID<AuditEvent> = try row.get("id")
        let detail: String? = try row.getIfPresent("detail")
        self.init(
            id: id,
            json: .object(members: [
                ("id", .text(id)), ("at", .text(try row.get("at", as: Timestamp.self))),
                ("actor", .string(try row.get("actor"))), ("action", .string(try row.get("action"))),
                ("entity_type", .string(try row.get("entity_type"))),
                ("entity_id", .string(try row.get("entity_id"))),
                ("request_id", .text(try row.getIfPresent("request_id", as: String.self))),
                ("detail", detail.flatMap { try? JSONValue(parsing: Array($0.utf8)) } ?? .null),
            ])
        )
    }
}

/// Which lines are asked for.
struct AuditFilter: Sendable {
    let entityID: ID<ForwardedRoute.Resource>?
    let actions: [AuditRecord.Action]?
    let actor: String?
}
