import HTTPService
import Hummingbird
import Idempotency
import Postgres
import Shared

/// Routes under `/internal/customers`, which the api-gateway forwards from `/api/v1/customers`.
///
/// The id of a customer who was merged into another one stands for that one.
struct CustomerRoutes: Sendable {
    let createOnce: CreateOnce
    let updateCustomer: UpdateCustomer
    let mergeCustomers: MergeCustomers
    let deleteCustomer: DeleteCustomer
    let indexPhones: IndexPhones
    let postgres: PostgresPool

    func add(to router: some RouterMethods<OrgRequestContext>) {
        router.post("/internal/customers", use: self.create)
        router.get("/internal/customers", use: self.list)
        router.get("/internal/customers/:id", use: self.get)
        router.patch("/internal/customers/:id", use: self.update)
        router.delete("/internal/customers/:id", use: self.delete)
        router.post("/internal/customers/:id/merge", use: self.merge)
    }

    /// Makes a customer: 201 with the resource.
    ///
    /// - Errors: 409 `identity-taken`, `idempotency-key-in-use`; 422 `invalid-request`, `idempotency-key-reused`.
    @Sendable private func create(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        try await self.createOnce("customers.create", request, context) { body, connection in
            let customer = try NewCustomer(body, region: context.acting.defaultRegion)
            let resource = try CreateCustomer.create(customer, for: context, on: connection)
            return .init(json: resource.json, location: "/api/v1/customers/\(resource.id)")
        }
    }

    /// Lists customers, the newest first.
    @Sendable private func list(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        let orgID = context.orgID
        var query = QueryParameters(request)
        let page = query.page(of: Customer.self, for: orgID)
        let search = CustomerSearch(orgID: orgID, conditions: .init(&query, region: context.acting.defaultRegion))
        try query.finish()
        let customers = try await self.postgres.transaction(for: [orgID]) { connection in
            let rows = try connection.query(
                search.counted(on: connection).page(before: page.after, limit: page.limit + 1)
            )
            return try CustomerStore.resources(try rows.map { try $0.get("id") }, of: orgID, on: connection)
        }
        if search.conditions.contains(where: \.isPhone) { self.indexPhones.note(orgID) }
        return RawJSON(page.json(of: customers, for: orgID, id: \.id, \.json))
    }

    /// Shows one customer.
    ///
    /// - Errors: 404 `not-found`.
    @Sendable private func get(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        let orgID = context.orgID
        let id = try context.id(of: Customer.self)
        let customer = try await self.postgres.transaction(for: [orgID]) { connection in
            let id = try CustomerStore.required(id, of: orgID, on: connection)
            return try CustomerStore.resource(id, of: orgID, on: connection)
        }
        return .tagged(customer.json)
    }

    /// Changes what is known of a customer: 200 with the resource.
    ///
    /// - Errors: 404 `not-found`; 412 `precondition-failed`; 422 `invalid-request`.
    @Sendable private func update(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        let body = try await request.strictJSON()
        let id = try context.id(of: Customer.self)
        let condition = try Precondition(request)
        return .tagged(try await self.updateCustomer(body, of: id, if: condition, for: context).json)
    }

    /// Takes a customer off the books: 204.
    ///
    /// - Errors: 404 `not-found`.
    @Sendable private func delete(_ request: Request, context: OrgRequestContext) async throws -> Response {
        try await self.deleteCustomer(try context.id(of: Customer.self), for: context)
        return Response(status: .noContent)
    }

    /// Makes everything of another customer this one's: 200 with the resource.
    ///
    /// - Errors: 404 `not-found`; 409 `too-many-fields`; 422 `invalid-request`.
    @Sendable private func merge(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        var fields = JSONFields(try await request.strictJSON(), at: "")
        let from = fields.requiredID("from", of: Customer.self)
        try fields.finish()
        let id = try context.id(of: Customer.self)
        return RawJSON(try await self.mergeCustomers(from, into: id, for: context).json)
    }
}
