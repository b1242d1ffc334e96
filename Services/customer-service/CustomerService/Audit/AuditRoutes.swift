import HTTPService
import Hummingbird
import Postgres
import Shared

/// The route `/internal/audit-events`: this service's part of what the api-gateway shows as one trail.
struct AuditRoutes: Sendable {
    let postgres: PostgresPool

    func add(to router: some RouterMethods<OrgRequestContext>) {
        router.get("/internal/audit-events", use: self.list)
    }

    /// Lists the organization's audit trail, the newest first.
    @Sendable private func list(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        let orgID = context.orgID
        var query = QueryParameters(request)
        let page = query.page(of: AuditEvent.self, for: orgID)
        let entityID = query.id("entity_id", of: Customer.self)
        let actions = query.values("action", AuditRecord.Action.self)?.map(\.rawValue)
        let actor = query.string("actor", 1...200)
        try query.finish()
        let rows = try await self.postgres.transaction(for: [orgID]) { connection in
            try connection.query(
                """
                SELECT id, at, actor, action, entity_type, entity_id, request_id, detail FROM audit_events
                 WHERE org_id = \(orgID)
                   AND (\(page.after)::uuid IS NULL OR id < \(page.after))
                   AND (\(entityID)::uuid IS NULL OR entity_id = \(entityID))
                   AND (\(actions)::text[] IS NULL OR action = ANY (\(actions)))
                   AND (\(actor)::text IS NULL OR actor = \(actor))
                 ORDER BY id DESC LIMIT \(page.limit + 1)::int
                """
            ).map { (id: try $0.get("id", as: ID<AuditEvent>.self), json: try Self.json($0)) }
        }
        return RawJSON(page.json(of: rows, for: orgID, id: \.id, \.json))
    }

    private static func json(_ row: Row) throws(PostgresError) -> JSONValue {
        let detail: String? = try row.getIfPresent("detail")
        return .object(members: [
            ("id", .string(try row.get("id"))), ("at", .text(try row.get("at", as: Timestamp.self))),
            ("actor", .string(try row.get("actor"))), ("action", .string(try row.get("action"))),
            ("entity_type", .string(try row.get("entity_type"))), ("entity_id", .string(try row.get("entity_id"))),
            ("request_id", .text(try row.getIfPresent("request_id", as: String.self))),
            ("detail", detail.flatMap { try? JSONValue(parsing: Array($0.utf8)) } ?? .null),
        ])
    }
}
