package import HTTPService
package import Hummingbird
package import Postgres
import Shared

/// The routes of a service's part of what the api-gateway shows as one trail.
package struct AuditRoutes: Sendable {
    private let postgres: PostgresPool

    package init(postgres: PostgresPool) {
        self.postgres = postgres
    }

    package func add(to router: some RouterMethods<OrgRequestContext>) {
        router.get("/internal/audit-events", use: self.list)
        router.get("/internal/audit-verification", use: self.verify)
    }

    /// Lists the organization's audit trail, the newest first.
    @Sendable private func list(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        let orgID = context.orgID
        var query = QueryParameters(request)
        let page = query.page(of: AuditEvent.self, for: orgID)
        let filter = AuditFilter(&query)
        try query.finish()
        let rows = try await self.postgres.transaction(for: [orgID]) { connection in
            try AuditStore.list(filter, of: orgID, before: page.after, limit: page.limit + 1, on: connection)
        }
        return RawJSON(page.json(of: rows, for: orgID, id: \.id, \.json))
    }

    /// Compares the next part of the trail with its seals: 200 with what is wrong, and where it goes on.
    ///
    /// - Errors: 400 `invalid-query`.
    @Sendable private func verify(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        var query = QueryParameters(request)
        let number = query.int("after", 0...Int.max) ?? 0
        let known = query.string("known").flatMap { KnownSeal($0) }
        try query.finish()
        let verify = VerifyTrail(postgres: self.postgres)
        return RawJSON(try await verify(of: context.orgID, after: number, known: known).json)
    }
}
