import HTTPService
import Hummingbird
import Postgres
import Shared

/// The conversations' part of the timelines that api-gateway shows under `/conversations/{id}` and `/customers/{id}`.
struct ActivityRoutes: Sendable {
    let postgres: PostgresPool

    func add(to router: some RouterMethods<OrgRequestContext>) {
        router.get("/internal/conversations/:id/activities", use: self.ofConversation)
        router.get("/internal/customers/:id/activities", use: self.ofCustomer)
    }

    /// Lists what happened to a conversation, the newest first.
    ///
    /// - Errors: 404 `not-found`.
    @Sendable private func ofConversation(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        let orgID = context.orgID
        var query = QueryParameters(request)
        let page = query.page(of: Activity.self, for: orgID)
        try query.finish()
        let id = try context.conversationID
        let activities = try await self.postgres.transaction(for: [orgID]) { connection in
            guard try ConversationStore.get(id, of: orgID, on: connection) != nil else { throw Problem.notFound }
            return try ActivityStore.list(of: id, orgID, before: page.after, limit: page.limit + 1, on: connection)
        }
        return RawJSON(page.json(of: activities, for: orgID, id: \.id, \.json))
    }

    /// Lists what happened to all conversations of a customer, the newest first; nothing for one who has none.
    @Sendable private func ofCustomer(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        let orgID = context.orgID
        var query = QueryParameters(request)
        let page = query.page(of: Activity.self, for: orgID)
        try query.finish()
        guard let id = context.parameters.get("id").flatMap({ CustomerID($0) }) else { throw Problem.notFound }
        let activities = try await self.postgres.transaction(for: [orgID]) { connection in
            try ActivityStore.list(of: id, orgID, before: page.after, limit: page.limit + 1, on: connection)
        }
        return RawJSON(page.json(of: activities, for: orgID, id: \.id, \.json))
    }
}
