import HTTPService
import HTTPTypes
import Hummingbird
import Postgres
import Shared

/// The keys of an organization: for itself under `/keys`, for the operator under `/orgs/{id}/keys`.
struct KeyRoutes: Sendable {
    let createKey: CreateKey
    let revokeKey: RevokeKey
    let keys: KeyDirectory
    let postgres: PostgresPool
    let time: GatewayTime

    var routes: [TenantRoute] {
        [
            TenantRoute(.post, "/keys", .keysWrite, use: self.createOwn),
            TenantRoute(.get, "/keys", .keysRead, use: self.listOwn),
            TenantRoute(.delete, "/keys/{id}", .keysWrite, use: self.revoke),
        ]
    }

    func add(to router: some RouterMethods<OperatorRequestContext>) {
        router.post("/orgs/{id}/keys", use: self.createForOrg)
        router.get("/orgs/{id}/keys", use: self.listForOrg)
    }

    /// Makes a key: 201 with the resource and, only here, `secret`.
    ///
    /// - Errors: 403 `key-exceeds-maker`, 422 `invalid-request`.
    @Sendable private func createOwn(_ request: Request, context: TenantRequestContext) async throws -> RawJSON {
        try await self.create(request, by: context.tenancy, requestID: context.id)
    }

    /// Makes a key of any organization: 201.
    ///
    /// - Errors: 404 `not-found`, 422 `invalid-request`.
    @Sendable private func createForOrg(_ request: Request, context: OperatorRequestContext) async throws -> RawJSON {
        if let key = request.headers[.idempotencyKey] { _ = try IdempotencyKey(key) }
        let id = try context.id(of: Organization.self)
        guard let org = try await self.keys.org(id) else { throw Problem.notFound }
        return try await self.create(request, by: Tenancy(operatorFor: id, org: org), requestID: context.id)
    }

    private func create(_ request: Request, by maker: Tenancy, requestID: String) async throws -> RawJSON {
        let key = try NewKey(try await request.strictJSON(), madeBy: maker, now: self.time.now())
        let (resource, token) = try await self.createKey(key, for: maker.acting, requestID: requestID)
        // Nobody between us and the caller may keep a secret.
        return RawJSON(resource.json(showing: token), status: .created, headers: [.cacheControl: "no-store"])
    }

    @Sendable private func listOwn(_ request: Request, context: TenantRequestContext) async throws -> RawJSON {
        try await self.list(request, of: context.orgID)
    }

    @Sendable private func listForOrg(_ request: Request, context: OperatorRequestContext) async throws -> RawJSON {
        let id = try context.id(of: Organization.self)
        guard try await self.keys.org(id) != nil else { throw Problem.notFound }
        return try await self.list(request, of: id)
    }

    /// Lists keys without their secrets, the oldest first, revoked ones too.
    private func list(_ request: Request, of orgID: OrgID) async throws -> RawJSON {
        var query = QueryParameters(request)
        let page = query.page(of: APIKey.self, for: orgID)
        try query.finish()
        let keys = try await self.postgres.transaction(for: [orgID]) { connection in
            try KeyStore(orgID: orgID).list(after: page.after, limit: page.limit + 1, on: connection)
        }
        return RawJSON(page.json(of: keys, for: orgID, id: \.id, \.json))
    }

    /// Ends a key: 204, also when it has ended before.
    ///
    /// - Errors: 404 `not-found`.
    @Sendable private func revoke(_ request: Request, context: TenantRequestContext) async throws -> Response {
        let id = try context.id(of: APIKey.self)
        try await self.revokeKey(id, for: context.tenancy.acting, requestID: context.id)
        return Response(status: .noContent)
    }
}
