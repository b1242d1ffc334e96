import HTTPService
import HTTPTypes
import Hummingbird
import Idempotency
import Postgres
import Shared

/// The keys of an organization: for itself under `/keys`, for the operator under `/orgs/{id}/keys`.
struct KeyRoutes: Sendable {
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
            TenantRoute(.get, "/keys/{id}", .keysRead, use: self.get),
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

    /// Shows one key, without its secret.
    ///
    /// - Errors: 404 `not-found`.
    @Sendable private func get(_ request: Request, context: TenantRequestContext) async throws -> RawJSON {
        let (id, orgID) = (try context.id(of: APIKey.self), context.orgID)
        let key = try await self.postgres.transaction(for: [orgID]) { try KeyStore(orgID: orgID).show(id, on: $0) }
        guard let key else { throw Problem.notFound }
        return Self.tagged(key)
    }

    private static func tagged(_ key: KeyResource) -> RawJSON {
        RawJSON(key.json, headers: [.eTag: EntityTag(of: key.versioned).text])
    }

    /// Changes name and limit of a key: 200 with the resource.
    ///
    /// - Errors: 403 `key-exceeds-maker`, 404 `not-found`, 412 `precondition-failed`, 422 `invalid-request`.
    @Sendable private func update(_ request: Request, context: TenantRequestContext) async throws -> RawJSON {
        let id = try context.id(of: APIKey.self)
        let change = try KeyChange(try await request.strictJSON())
        let condition = try Precondition(request)
        return Self.tagged(
            try await self.updateKey(change, of: id, if: condition, by: context.tenancy, requestID: context.id)
        )
    }

    /// Makes a key in the place of another, which goes on for `overlap_seconds`: 201 with the new one and its `secret`.
    ///
    /// - Errors: 403 `key-exceeds-maker`, 404 `not-found`, 409 `key-ended`, `key-rotated`, `key-rotation-under-way`,
    ///   `idempotency-key-in-use`, 422 `invalid-request`, `idempotency-key-reused`.
    @Sendable private func rotate(_ request: Request, context: TenantRequestContext) async throws -> RawJSON {
        let id = try context.id(of: APIKey.self)
        let (maker, now, rotateKey) = (context.tenancy, self.time.now(), self.rotateKey)
        let asked = CreateOnce.Asked(try await request.optionalJSON(), key: request.headers[.idempotencyKey])
        let requestID = context.id
        // Of the maker alone, as the creation of a key.
        let operation = "keys.rotate \(id) \(maker.actor)"
        let outcome = try await self.createOnce(operation, asked, of: maker.orgID) { body, connection in
            let wish = try RotateKey.Wish(body)
            let made = try rotateKey(id, wish, by: maker, at: now, requestID: requestID, on: connection)
            return .init(json: made.resource.json(showing: made.token))
        }
        self.keys.forget(id)
        return outcome.answer.unkept
    }

    /// Ends a key: 204, also when it has ended before.
    ///
    /// - Errors: 404 `not-found`, 412 `precondition-failed`.
    @Sendable private func revoke(_ request: Request, context: TenantRequestContext) async throws -> Response {
        let id = try context.id(of: APIKey.self)
        let condition = try Precondition(request)
        try await self.revokeKey(id, if: condition, for: context.tenancy.acting, requestID: context.id)
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
