import AuditTrail
import HTTPService
import Hummingbird
import InternalAPI
import Postgres
import Shared

/// The route `/audit-events`: one trail of an organization, of acts here and in other services.
struct MergedAuditRoutes: Sendable {
    let postgres: PostgresPool
    let forward: ForwardRequest

    private static let path: InternalPath = "/internal/audit-events"

    var routes: [TenantRoute] { [TenantRoute(.get, "/audit-events", .auditRead, use: self.list)] }

    /// Lists the trail, the newest first.
    @Sendable private func list(_ request: Request, context: TenantRequestContext) async throws -> RawJSON {
        let orgID = context.orgID
        var query = QueryParameters(request)
        let page = query.page(of: AuditEvent.self, for: orgID)
        let filter = AuditFilter(&query)
        try query.finish()
        let question = request.uri.query
        async let messages = self.forward.get(Self.path, of: .messagingService, query: question, context)
        async let customers = self.forward.get(Self.path, of: .customerService, query: question, context)
        async let conversations = self.forward.get(Self.path, of: .conversationService, query: question, context)
        async let inbox = self.forward.get(Self.path, of: .inboundGateway, query: question, context)
        let answers = [
            (try await messages, ServiceName.messagingService), (try await customers, .customerService),
            (try await conversations, .conversationService), (try await inbox, .inboundGateway),
        ]
        let ours = try await self.postgres.transaction(for: [orgID]) { connection in
            try AuditStore.list(filter, of: orgID, before: page.after, limit: page.limit + 1, on: connection)
                .map { MergedPage.Entry(id: $0.id, json: $0.json) }
        }
        let parts = try [MergedPage.Part(ours)] + answers.map { try MergedPage.Part($0, of: $1) }
        return RawJSON(MergedPage(of: parts, page, for: orgID).json)
    }
}
