import HTTPService
import Hummingbird
import Postgres
import Shared

/// The route `/internal/activities`, which api-gateway asks for the timelines of conversations.
struct ActivityRoutes: Sendable {
    static let mostConversations = 200

    let postgres: PostgresPool

    func add(to router: some RouterMethods<OrgRequestContext>) {
        router.get("/internal/activities", use: self.list)
    }

    /// Lists what happened to the messages of 1 to 200 conversations, the newest first.
    ///
    /// - Errors: 400 `invalid-query`.
    @Sendable private func list(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        let orgID = context.orgID
        var query = QueryParameters(request)
        let page = query.page(of: Activity.self, for: orgID)
        let conversations = query.ids("conversation_id", of: Conversation.self) ?? []
        if conversations.isEmpty { query.violation(at: "conversation_id", "is required") }
        try query.finish()
        let rows = try await self.postgres.transaction(for: [orgID]) { connection in
            try connection.query(
                ActivityStore.list(of: conversations, in: orgID, before: page.after, limit: page.limit + 1)
            ).map { (id: try $0.get("id", as: ID<Activity>.self), json: try Self.json($0)) }
        }
        return RawJSON(page.json(of: rows, for: orgID, id: \.id, \.json))
    }

    private static func json(_ row: Row) throws(PostgresError) -> JSONValue {
        let kind: Activity.Kind = try row.get("type")
        return .object(members: [
            ("id", .string(try row.get("id"))), ("at", .text(try row.get("at", as: Timestamp.self))),
            ("type", .string(kind.rawValue)), ("conversation_id", .string(try row.get("conversation_id"))),
            ("customer_id", .text(try row.getIfPresent("customer_id", as: CustomerID.self))),
            ("message_id", .string(try row.get("message_id"))), ("actor", .string(try row.get("actor"))),
            ("detail", kind.detail(try row.getIfPresent("detail"))),
        ])
    }
}

extension Activity.Kind {
    fileprivate func detail(_ text: String?) -> JSONValue {
        switch self {
        case .received, .sent: [:]
        case .statusUpdate: ["status": .text(text)]
        case .failed: ["code": .text(text)]
        }
    }
}
