import AuditTrail
import HTTPService
import Hummingbird
import Idempotency
import Postgres
import Shared

/// Routes under `/internal/suppressions`, which the api-gateway forwards from `/api/v1/suppressions`.
struct SuppressionRoutes: Sendable {
    let createOnce: CreateOnce
    let postgres: PostgresPool

    func add(to router: some RouterMethods<OrgRequestContext>) {
        router.post("/internal/suppressions", use: self.create)
        router.get("/internal/suppressions", use: self.list)
        router.get("/internal/suppressions/:id", use: self.get)
        router.delete("/internal/suppressions/:id", use: self.remove)
    }

    /// Puts an address on the do-not-contact list: 201 with the resource, 200 where it was on it already.
    ///
    /// - Errors: 409 `idempotency-key-in-use`; 422 `invalid-request`, `idempotency-key-reused`.
    @Sendable private func create(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        try await self.createOnce("suppressions.create", request, context) { body, connection in
            let suppression = try NewSuppression(body, now: .now, region: context.acting.defaultRegion)
            let (resource, isNew) = try SuppressionStore.save(suppression, of: context.orgID, on: connection)
            let audit = AuditRecord(isNew ? .created : .updated, .suppression, resource.id, by: context)
            try connection.query(AuditStore.insert(audit))
            return .init(
                status: isNew ? .created : .ok,
                json: resource.json,
                location: isNew ? "/api/v1/suppressions/\(resource.id)" : nil
            )
        }
    }

    /// Lists the do-not-contact list, the newest first, with what has expired.
    @Sendable private func list(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        let orgID = context.orgID
        var query = QueryParameters(request)
        let page = query.page(of: Suppression.self, for: orgID)
        let channels = query.values("channel", Channel.self)
        let text = query.string("address", Address.bytes)
        try query.finish()
        let region = context.acting.defaultRegion
        let address = text.map { (try? NewSuppression.address($0, nil, in: region))?.value ?? $0 }
        let list = SuppressionStore.list(
            of: orgID,
            address: address,
            channels: channels,
            before: page.after,
            limit: page.limit + 1
        )
        let rows = try await self.postgres.transaction(for: [orgID]) { connection in
            try connection.query(list).map { try SuppressionResource($0) }
        }
        return RawJSON(page.json(of: rows, for: orgID, id: \.id, \.json))
    }

    /// Shows one line of the list.
    ///
    /// - Errors: 404 `not-found`.
    @Sendable private func get(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        let (id, orgID) = (try context.id(of: Suppression.self), context.orgID)
        let resource = try await self.postgres.transaction(for: [orgID]) { connection in
            try connection.query(SuppressionStore.find(id, of: orgID)).first.map { try SuppressionResource($0) }
        }
        guard let resource else { throw Problem.notFound }
        return RawJSON(resource.json)
    }

    /// Takes an address off the list: 204.
    ///
    /// - Errors: 404 `not-found`.
    @Sendable private func remove(_ request: Request, context: OrgRequestContext) async throws -> Response {
        let (id, orgID) = (try context.id(of: Suppression.self), context.orgID)
        try await self.postgres.transaction(for: [orgID]) { connection in
            guard try !connection.query(SuppressionStore.remove(id, of: orgID)).isEmpty else { throw Problem.notFound }
            try connection.query(AuditStore.insert(AuditRecord(.deleted, .suppression, id, by: context)))
        }
        return Response(status: .noContent)
    }
}
