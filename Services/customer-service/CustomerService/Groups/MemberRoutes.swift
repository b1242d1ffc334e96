import AuditTrail
import HTTPService
import Hummingbird
import Postgres
import Shared

/// Routes under `/internal/groups/{id}/members`.
struct MemberRoutes: Sendable {
    /// Customers in one call.
    static let most = 1000

    let postgres: PostgresPool

    func add(to router: some RouterMethods<OrgRequestContext>) {
        router.post("/internal/groups/:id/members", use: self.add)
        router.get("/internal/groups/:id/members", use: self.list)
        router.delete("/internal/groups/:id/members", use: self.remove)
    }

    /// Adds customers to a group, all or none: 204.
    ///
    /// Repeating it changes nothing.
    /// - Errors: 404 `not-found`; 422 `invalid-request`.
    @Sendable private func add(_ request: Request, context: OrgRequestContext) async throws -> Response {
        var fields = JSONFields(try await request.strictJSON(), at: "")
        let texts = fields.requiredArray("customer_ids", 1...Self.most)
        let ids = texts.map { $0.string.flatMap { CustomerID($0) } }
        for (index, id) in ids.enumerated() where id == nil {
            fields.violation(at: "customer_ids/\(index)", "must be an id: a UUID of 36 characters")
        }
        try fields.finish()
        try await self.change(context, act: "add-members", count: ids.count) { store, connection in
            let unknown = Set(try store.add(ids.compactMap(\.self), on: connection))
            let violations = ids.enumerated().compactMap { index, id in
                id.map(unknown.contains) == true
                    ? Problem.Violation(pointer: "/customer_ids/\(index)", detail: "is no customer of the organization")
                    : nil
            }
            guard violations.isEmpty else { throw Problem.invalidRequest(Array(violations.prefix(50))) }
        }
        return Response(status: .noContent)
    }

    /// Removes customers from a group: 204, also when they are no members.
    ///
    /// - Errors: 400 `invalid-query`; 404 `not-found`.
    @Sendable private func remove(_ request: Request, context: OrgRequestContext) async throws -> Response {
        var query = QueryParameters(request)
        let ids = query.ids("customer_id", of: Customer.self)
        if ids == nil { query.violation(at: "customer_id", "is required") }
        try query.finish()
        try await self.change(context, act: "remove-members", count: ids?.count ?? 0) { store, connection in
            try connection.query(store.remove(ids ?? []))
        }
        return Response(status: .noContent)
    }

    private func change(
        _ context: OrgRequestContext,
        act: String,
        count: Int,
        _ change: @Sendable (MemberStore, isolated PostgresConnection) throws -> Void
    ) async throws {
        let (id, orgID) = (try context.id(of: Group.self), context.orgID)
        let detail: JSONValue = ["act": .string(act), "customers": .number(JSONNumber(count))]
        try await self.postgres.transaction(for: [orgID]) { connection in
            _ = try GroupStore.find(id, of: orgID, on: connection)
            try change(MemberStore(orgID: orgID, groupID: id), connection)
            try connection.query(AuditStore.insert(AuditRecord(.updated, .group, id, by: context, detail)))
        }
    }

    /// Lists the customers of a group, the newest first.
    ///
    /// - Errors: 404 `not-found`.
    @Sendable private func list(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        let (id, orgID) = (try context.id(of: Group.self), context.orgID)
        var query = QueryParameters(request)
        let page = query.page(of: Customer.self, for: orgID)
        try query.finish()
        let customers = try await self.postgres.transaction(for: [orgID]) { connection in
            _ = try GroupStore.find(id, of: orgID, on: connection)
            let store = MemberStore(orgID: orgID, groupID: id)
            let rows = try connection.query(store.page(before: page.after, limit: page.limit + 1))
            return try CustomerStore.resources(try rows.map { try $0.get("id") }, of: orgID, on: connection)
        }
        return RawJSON(page.json(of: customers, for: orgID, id: \.id, \.json))
    }
}
