import HTTPService
import Hummingbird
import Postgres
import Shared

/// Routes under `/internal/conversations`, which the api-gateway forwards from `/api/v1/conversations`.
struct ConversationRoutes: Sendable {
    let postgres: PostgresPool

    func add(to router: some RouterMethods<OrgRequestContext>) {
        router.get("/internal/conversations", use: self.list)
        router.get("/internal/conversations/:id", use: self.get)
    }

    /// Lists conversations, the most recently active first.
    @Sendable private func list(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        let orgID = context.orgID
        var query = QueryParameters(request)
        let page = query.timedPage(of: Conversation.self, for: orgID)
        let filter = ConversationFilter(&query)
        try query.finish()
        let last = page.after.map { ($0.time, $0.id) }
        let conversations = try await self.postgres.transaction(for: [orgID]) { connection in
            try ConversationStore.list(filter, of: orgID, after: last, limit: page.limit + 1, on: connection)
        }
        return RawJSON(
            page.page(of: conversations, for: orgID, place: { TimedCursor(after: $0.activeAt, $0.id) }, \.json).json
        )
    }

    /// Shows one conversation.
    ///
    /// - Errors: 404 `not-found`.
    @Sendable private func get(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        let orgID = context.orgID
        let id = try context.conversationID
        let conversation = try await self.postgres.transaction(for: [orgID]) { connection in
            try ConversationStore.get(id, of: orgID, on: connection)
        }
        guard let conversation else { throw Problem.notFound }
        return RawJSON(conversation.json)
    }
}

extension OrgRequestContext {
    /// The id in the path; what is no id is as unknown as an id that nobody has.
    var conversationID: ConversationID {
        get throws {
            guard let id = self.parameters.get("id").flatMap({ ConversationID($0) }) else { throw Problem.notFound }
            return id
        }
    }
}
