import AuditTrail
import HTTPService
import Hummingbird
import Idempotency
import Postgres
import Shared

/// Routes under `/internal/customers/{id}/identities`.
struct IdentityRoutes: Sendable {
    let createOnce: CreateOnce
    let postgres: PostgresPool

    func add(to router: some RouterMethods<OrgRequestContext>) {
        router.post("/internal/customers/:id/identities", use: self.create)
        router.delete("/internal/customers/:id/identities", use: self.remove)
    }

    /// Gives a customer an address: 201 with the customer, also when they had it.
    ///
    /// - Errors: 404 `not-found`; 409 `identity-taken`, `idempotency-key-in-use`; 422 `invalid-request`,
    ///   `idempotency-key-reused`.
    @Sendable private func create(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        let orgID = context.orgID
        let asked = try context.id(of: Customer.self)
        return try await self.createOnce("identities.create \(asked)", request, context) { body, connection in
            let id = try CustomerStore.required(asked, of: orgID, lock: .change, on: connection)
            var fields = JSONFields(body, at: "")
            let address = fields.address(in: context.acting.defaultRegion)
            try fields.finish()
            try CustomerIdentities.give(
                [address].compactMap(\.self),
                to: id,
                of: orgID,
                pointer: { _ in "/value" },
                on: connection
            )
            guard try CustomerIdentities.count(of: id, orgID, on: connection) <= NewCustomer.mostIdentities else {
                throw Problem.invalidRequest([
                    .init(pointer: "/value", detail: "would be one too many: a customer has at most 50 identities")
                ])
            }
            let detail: JSONValue = ["act": "add-identity", "kind": .text(address?.kind.rawValue)]
            try connection.query(AuditStore.insert(AuditRecord(.updated, .customer, id, by: context, detail)))
            return .init(json: try CustomerStore.resource(id, of: orgID, on: connection).json)
        }
    }

    /// Takes an address from a customer: 204.
    ///
    /// - Errors: 400 `invalid-query`; 404 `not-found`, also when the customer does not have it.
    @Sendable private func remove(_ request: Request, context: OrgRequestContext) async throws -> Response {
        let orgID = context.orgID
        let asked = try context.id(of: Customer.self)
        var query = QueryParameters(request)
        let kind = query.values("kind", AddressKind.self)?.first
        let value = query.string("value", Address.bytes)
        if kind == nil { query.violation(at: "kind", "is required") }
        if value == nil { query.violation(at: "value", "is required") }
        try query.finish()
        guard let kind, let value else { throw Problem.notFound }
        // What is no address of the kind nobody has.
        let read = try? Address(value, as: kind, in: context.acting.defaultRegion)
        let address = read ?? Address(kind: kind, value: value)
        try await self.postgres.transaction(for: [orgID]) { connection in
            let id = try CustomerStore.required(asked, of: orgID, lock: .change, on: connection)
            guard try CustomerIdentities.remove(address, from: id, of: orgID, on: connection) else {
                throw Problem.notFound
            }
            let detail: JSONValue = ["act": "remove-identity", "kind": .string(kind.rawValue)]
            try connection.query(AuditStore.insert(AuditRecord(.updated, .customer, id, by: context, detail)))
        }
        return Response(status: .noContent)
    }
}
