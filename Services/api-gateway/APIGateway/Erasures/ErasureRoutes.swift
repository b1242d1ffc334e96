import AuditTrail
import HTTPService
import HTTPTypes
import Hummingbird
import Postgres
import Shared

/// The routes of erasing a customer, and of doing it again after a restore.
struct ErasureRoutes: Sendable {
    /// Erasures of a file in one call.
    static let mostReapplied = 100

    /// Whether all services are done.
    enum Status: String, CaseIterable {
        case running, done
    }

    let start: StartErasure
    let postgres: PostgresPool

    var routes: [TenantRoute] {
        [
            TenantRoute(.post, "/customers/{id}/erase", .customersErase, use: self.erase),
            TenantRoute(.get, "/erasures", .customersErase, use: self.list),
            TenantRoute(.get, "/erasures/{id}", .customersErase, use: self.get),
        ]
    }

    func add(to router: some RouterMethods<OperatorRequestContext>) {
        router.post("/orgs/{id}/erasures/reapply", use: self.reapply)
    }

    /// Erases a customer everywhere: 202 with the erasure, 200 when it is done already.
    ///
    /// - Errors: 404 `not-found`, 422 `invalid-request`.
    @Sendable private func erase(_ request: Request, context: TenantRequestContext) async throws -> RawJSON {
        let id = try context.id(of: Customer.self)
        let erasure = try await self.start(id, for: context.tenancy, requestID: context.id)
        return RawJSON(
            erasure.json,
            status: erasure.finishedAt == nil ? .accepted : .ok,
            headers: [.location: "/api/v1/erasures/\(erasure.id)"]
        )
    }

    /// Lists erasures, the newest first.
    @Sendable private func list(_ request: Request, context: TenantRequestContext) async throws -> RawJSON {
        let (orgID, store) = (context.orgID, ErasureStore(orgID: context.orgID))
        var query = QueryParameters(request)
        let page = query.page(of: Erasure.self, for: orgID)
        let statuses = Set(query.values("status", Status.self) ?? [])
        let customerID = query.id("customer_id", of: Customer.self)
        try query.finish()
        let list = store.list(
            isRunning: statuses.count == 1 ? statuses.contains(.running) : nil,
            customerID: customerID,
            before: page.after,
            limit: page.limit + 1
        )
        let erasures = try await self.postgres.transaction(for: [orgID]) { connection in
            try connection.query(list).map { try Erasure($0) }
        }
        return RawJSON(page.json(of: erasures, for: orgID, id: \.id, \.json))
    }

    /// Shows one erasure.
    ///
    /// - Errors: 404 `not-found`.
    @Sendable private func get(_ request: Request, context: TenantRequestContext) async throws -> RawJSON {
        let (id, store) = (try context.id(of: Erasure.self), ErasureStore(orgID: context.orgID))
        let erasure = try await self.postgres.transaction(for: [context.orgID]) { connection in
            try connection.query(store.get(id)).first.map { try Erasure($0) }
        }
        guard let erasure else { throw Problem.notFound }
        return RawJSON(erasure.json)
    }

    /// Begins all erasures of an organization anew, or those that are given: 202 with how many.
    ///
    /// - Errors: 404 `not-found`, 422 `invalid-request`.
    @Sendable private func reapply(_ request: Request, context: OperatorRequestContext) async throws -> RawJSON {
        let orgID = try context.id(of: Organization.self)
        var fields = JSONFields(try await request.optionalJSON(upTo: Limits.batchBytes), at: "")
        let given = fields.each("erasures", 1...Self.mostReapplied) { Erasure(&$0, of: orgID) }
        try fields.finish()
        let store = ErasureStore(orgID: orgID)
        let requestID = context.id
        let count = try await self.postgres.transaction(for: [orgID]) { connection in
            guard try OrgStore(orgID: orgID).find(on: connection) != nil else { throw Problem.notFound }
            let known = try given?.flatMap { try Self.remember($0, store, on: connection) }
            let begun = try connection.query(store.reapply(known)).map { try $0.get("id", as: ID<Erasure>.self) }
            let audit = AuditRecord(
                orgID: orgID,
                actor: OperatorRequestContext.actor,
                action: .updated,
                entityType: .org,
                entityID: orgID.uuid,
                requestID: requestID,
                detail: ["act": "reapply-erasures", "count": .number(JSONNumber(begun.count))]
            )
            try connection.pipeline([
                DueErasures.put(begun.map { ErasureKey(orgID: orgID, id: $0) }, after: .zero), AuditStore.insert(audit),
            ])
            return begun.count
        }
        return RawJSON(["reapplied": .number(JSONNumber(count))], status: .accepted)
    }

    /// - Returns: under which ids it is known here.
    private static func remember(
        _ erasure: Erasure,
        _ store: ErasureStore,
        on connection: isolated PostgresConnection
    ) throws -> [ID<Erasure>] {
        guard try connection.query(store.insert(erasure)).isEmpty else { return [erasure.id] }
        return try connection.query(store.merge(erasure)).map { try $0.get("id") }
    }
}
