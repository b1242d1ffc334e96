import HTTPService
import HTTPTypes
import Hummingbird
import Idempotency
import Postgres
import Shared

/// The keys of an organization: for itself under `/keys`, for the operator under `/orgs/{id}/keys`.
struct KeyRoutes: Sendable {
    /// How long a rotated key goes on: not at all, to 30 days.
    private static let overlapSeconds = 0...(30 * 86_400)
    private static let ordinaryOverlapSeconds = 86_400

    /// Keeps answers sealed: they show a key.
    let createOnce: CreateOnce
    let createKey: CreateKey
    let rotateKey: RotateKey
    let updateKey: UpdateKey
    let revokeKey: RevokeKey
    let keys: KeyDirectory
    let postgres: PostgresPool
    let time: GatewayTime

    var routes: [TenantRoute] {
        [
            TenantRoute(.post, "/keys", .keysWrite, use: self.createOwn),
            TenantRoute(.get, "/keys", .keysRead, use: self.listOwn),
            TenantRoute(.patch, "/keys/{id}", .keysWrite, use: self.update),
            TenantRoute(.post, "/keys/{id}/rotate", .keysWrite, use: self.rotate),
            TenantRoute(.delete, "/keys/{id}", .keysWrite, use: self.revoke),
        ]
    }

    func add(to router: some RouterMethods<OperatorRequestContext>) {
        router.post("/orgs/{id}/keys", use: self.createForOrg)
        router.get("/orgs/{id}/keys", use: self.listForOrg)
    }

    /// Makes a key: 201 with the resource and, only here, `secret`.
    ///
    /// - Errors: 403 `key-exceeds-maker`, 409 `idempotency-key-in-use`, 422 `invalid-request`, `idempotency-key-reused`.
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
        let (now, createKey) = (self.time.now(), self.createKey)
        let asked = try await CreateOnce.Asked(request)
        // Of the maker alone: whoever else sends the same may not be one to whom such a key can be given.
        return try await self.createOnce("keys.create \(maker.actor)", asked, of: maker.orgID) { body, connection in
            let key = try NewKey(body, madeBy: maker, now: now)
            let (resource, token) = try createKey(key, for: maker.acting, requestID: requestID, on: connection)
            return .init(json: resource.json(showing: token))
        }.answer.unkept
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

    /// Changes name and limit of a key: 200 with the resource.
    ///
    /// - Errors: 403 `key-exceeds-maker`, 404 `not-found`, 422 `invalid-request`.
    @Sendable private func update(_ request: Request, context: TenantRequestContext) async throws -> RawJSON {
        let id = try context.id(of: APIKey.self)
        let change = try KeyChange(try await request.strictJSON())
        return RawJSON(try await self.updateKey(change, of: id, by: context.tenancy, requestID: context.id).json)
    }

    /// Makes a key in the place of another, which goes on for `overlap_seconds`: 201 with the new one and its `secret`.
    ///
    /// - Errors: 403 `key-exceeds-maker`, 404 `not-found`, 409 `key-ended`, `key-rotated`, `key-rotation-under-way`,
    ///   422 `invalid-request`.
    @Sendable private func rotate(_ request: Request, context: TenantRequestContext) async throws -> RawJSON {
        let id = try context.id(of: APIKey.self)
        var fields = JSONFields(try await request.optionalJSON(), at: "")
        let name = fields.string("name", 1...200)
        fields.refuseControlCharacters(in: name, at: "name")
        let overlap = fields.int("overlap_seconds", Self.overlapSeconds) ?? Self.ordinaryOverlapSeconds
        try fields.finish()
        let (resource, token) = try await self.rotateKey(
            id,
            name: name,
            overlap: .seconds(overlap),
            by: context.tenancy,
            at: self.time.now(),
            requestID: context.id
        )
        return RawJSON(resource.json(showing: token), status: .created, headers: [.cacheControl: "no-store"])
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

extension RotateKey.Failure: ProblemConvertible {
    var problem: Problem {
        switch self {
        case .ended:
            Problem(code: "key-ended", status: 409, title: "The key has ended or was revoked: make a new one.")
        case .rotated(let successor):
            Problem(
                code: "key-rotated",
                status: 409,
                title: "Another key was made in the place of this one, and is in force: rotate that one, or revoke it.",
                detail: "It is \(successor)."
            )
        case .underWay(let replaced):
            Problem(
                code: "key-rotation-under-way",
                status: 409,
                title: "The key that this one replaces is still in force: revoke it first, or wait for its end.",
                detail: "It is \(replaced)."
            )
        }
    }
}
