import HTTPService
import Hummingbird
import Postgres
import Shared

/// Routes under `/internal/customers/{id}/consents`.
struct ConsentRoutes: Sendable {
    let putConsent: PutConsent
    let postgres: PostgresPool

    func add(to router: some RouterMethods<OrgRequestContext>) {
        router.put("/internal/customers/:id/consents", use: self.put)
        router.get("/internal/customers/:id/consents", use: self.list)
        router.get("/internal/customers/:id/consents/history", use: self.history)
    }

    /// States one consent: 200 with what counts now.
    ///
    /// - Errors: 404 `not-found`; 422 `invalid-request`.
    @Sendable private func put(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        let consent = try NewConsent(try await request.strictJSON())
        let id = try context.id(of: Customer.self)
        return RawJSON(try await self.putConsent(consent, of: id, for: context))
    }

    /// Lists what counts now, by channel and purpose: all on one page.
    ///
    /// - Errors: 404 `not-found`.
    @Sendable private func list(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        let (id, orgID) = (try context.id(of: Customer.self), context.orgID)
        var query = QueryParameters(request)
        try query.finish()
        let consents = try await self.postgres.transaction(for: [orgID]) { connection in
            let id = try CustomerStore.required(id, of: orgID, on: connection)
            return try connection.query(ConsentStore.all(of: id, orgID)).map { try ConsentResource.current($0) }
        }
        return RawJSON(["data": .array(consents), "next_cursor": .null])
    }

    /// Lists all that was said, what was recorded last first.
    ///
    /// - Errors: 404 `not-found`.
    @Sendable private func history(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        let (id, orgID) = (try context.id(of: Customer.self), context.orgID)
        var query = QueryParameters(request)
        let page = query.page(of: ConsentChange.self, for: orgID)
        try query.finish()
        let rows = try await self.postgres.transaction(for: [orgID]) { connection in
            let id = try CustomerStore.required(id, of: orgID, on: connection)
            let list = ConsentStore.history(of: id, orgID, before: page.after, limit: page.limit + 1)
            return try connection.query(list).map { row in
                (id: try row.get("id", as: ID<ConsentChange>.self), json: try ConsentResource.change(row))
            }
        }
        return RawJSON(page.json(of: rows, for: orgID, id: \.id, \.json))
    }
}
