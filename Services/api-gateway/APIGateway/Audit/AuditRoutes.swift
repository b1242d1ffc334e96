import HTTPService
import Hummingbird
import InternalAPI
import NIOCore
import Postgres
import Shared

/// The route `/audit-events`: one trail of an organization, of acts here and in messaging-service.
///
/// Both parts are sorted by their ids, which were made in the order of time, so that one cursor serves both.
struct AuditRoutes: Sendable {
    let postgres: PostgresPool
    let forward: ForwardRequest

    var routes: [TenantRoute] { [TenantRoute(.get, "/audit-events", .auditRead, use: self.list)] }

    /// Lists the trail, the newest first.
    @Sendable private func list(_ request: Request, context: TenantRequestContext) async throws -> Response {
        let orgID = context.orgID
        var query = QueryParameters(request)
        let page = query.page(of: AuditEvent.self, for: orgID)
        let filter = AuditFilter(
            entityID: query.id("entity_id", of: ForwardedRoute.Resource.self),
            actions: query.values("action", AuditRecord.Action.self),
            actor: query.string("actor", 1...200)
        )
        try query.finish()
        let answer = try await self.forward.get(
            "/internal/audit-events",
            of: .messagingService,
            query: request.uri.query,
            context
        )
        guard answer.status == 200 else { return answer.response }
        let theirs = try Self.page(answer)
        let ours = try await self.postgres.transaction(for: [orgID]) { connection in
            try AuditStore.list(filter, of: orgID, before: page.after, limit: page.limit + 1, on: connection)
        }
        let all = (ours + theirs.entries).sorted { $0.id > $1.id }
        let shown = all.prefix(page.limit)
        let hasMore = all.count > page.limit || theirs.hasMore
        let next = hasMore ? shown.last.map { Cursor(after: $0.id).text(for: orgID) } : nil
        return try RawJSON(["data": .array(shown.map(\.json)), "next_cursor": next.map { .string($0) } ?? .null])
            .response(from: request, context: context)
    }

    private static func page(_ answer: InternalAnswer) throws -> (entries: [AuditEntry], hasMore: Bool) {
        let body = try JSONValue(parsing: Array(answer.body.readableBytesView))
        guard let elements = body["data"]?.array else {
            throw Problem.unavailable(ServiceName.messagingService.rawValue)
        }
        return (elements.compactMap { AuditEntry($0) }, body["next_cursor"].map { !$0.isNull } ?? false)
    }
}
