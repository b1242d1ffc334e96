import Postgres
import Shared

/// One line of the trail as the public API shows it, whichever service wrote it.
struct AuditEntry: Sendable {
    let id: ID<AuditEvent>
    let json: JSONValue

    init(_ row: Row) throws(PostgresError) {
        self.id = try row.get("id")
        let detail: String? = try row.getIfPresent("detail")
        self.json = .object(members: [
            ("id", .text(self.id)), ("at", .text(try row.get("at", as: Timestamp.self))),
            ("actor", .string(try row.get("actor"))), ("action", .string(try row.get("action"))),
            ("entity_type", .string(try row.get("entity_type"))), ("entity_id", .string(try row.get("entity_id"))),
            ("request_id", .text(try row.getIfPresent("request_id", as: String.self))),
            ("detail", detail.flatMap { try? JSONValue(parsing: Array($0.utf8)) } ?? .null),
        ])
    }

    /// Nil for what has no id.
    init?(_ json: JSONValue) {
        guard let id = json["id"]?.string.flatMap({ ID<AuditEvent>($0) }) else { return nil }
        self.id = id
        self.json = json
    }
}

/// Which lines are asked for.
struct AuditFilter: Sendable {
    let entityID: ID<ForwardedRoute.Resource>?
    let actions: [AuditRecord.Action]?
    let actor: String?
}
