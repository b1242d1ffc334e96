import HTTPService
import HTTPTypes
import Hummingbird
import Idempotency
import Postgres
import Shared

/// Organizations: for the operator under `/orgs`, for itself under `/org`.
struct OrgRoutes: Sendable {
    /// Marks the cursors of the list of all organizations, which belongs to none of them.
    private static let nobody = OrgID.first(at: Timestamp(microseconds: 0))

    let createOrg: CreateOrg
    let updateOrg: UpdateOrg
    let postgres: PostgresPool

    var routes: [TenantRoute] {
        [
            TenantRoute(.get, "/org", .orgRead, use: self.getOwn),
            TenantRoute(.patch, "/org", .orgWrite, use: self.updateOwn),
        ]
    }

    func add(to router: some RouterMethods<OperatorRequestContext>) {
        router.post("/orgs", use: self.create)
        router.get("/orgs", use: self.list)
        router.get("/orgs/{id}", use: self.get)
        router.patch("/orgs/{id}", use: self.update)
    }

    /// Makes an organization: 201 with the resource.
    ///
    /// - Errors: 409 `slug-taken`, `idempotency-key-in-use`; 422 `invalid-request`, `idempotency-key-reused`.
    @Sendable private func create(_ request: Request, context: OperatorRequestContext) async throws -> RawJSON {
        let asked = try await CreateOnce.Asked(request)
        return try await self.createOrg(asked, actor: OperatorRequestContext.actor, requestID: context.id)
    }

    /// Lists all organizations, the oldest first.
    @Sendable private func list(_ request: Request, context: OperatorRequestContext) async throws -> RawJSON {
        var query = QueryParameters(request)
        let page = query.page(of: Organization.self, for: Self.nobody)
        try query.finish()
        let ids = try await self.postgres.run { connection in
            try OrgStore.ids(after: page.after, limit: page.limit + 1, on: connection)
        }
        guard !ids.isEmpty else { return RawJSON(["data": [], "next_cursor": .null]) }
        let orgs = try await self.postgres.transaction(for: ids) { try OrgStore.list(ids, on: $0) }
        return RawJSON(page.json(of: orgs, for: Self.nobody, id: \.id, \.json))
    }

    /// Shows one organization.
    ///
    /// - Errors: 404 `not-found`.
    @Sendable private func get(_ request: Request, context: OperatorRequestContext) async throws -> RawJSON {
        try await self.show(try context.id(of: Organization.self))
    }

    /// Changes name, suspension, verification and settings: 200 with the resource.
    ///
    /// - Errors: 404 `not-found`, 412 `precondition-failed`, 422 `invalid-request`.
    @Sendable private func update(_ request: Request, context: OperatorRequestContext) async throws -> RawJSON {
        let id = try context.id(of: Organization.self)
        let change = try OrgChange(try await request.strictJSON(), by: .operator)
        let actor = OperatorRequestContext.actor
        return .tagged(
            try await self.updateOrg(
                change,
                of: id,
                if: try Precondition(request),
                actor: actor,
                requestID: context.id
            ).json
        )
    }

    /// Shows the caller's own organization.
    @Sendable private func getOwn(_ request: Request, context: TenantRequestContext) async throws -> RawJSON {
        try await self.show(context.orgID)
    }

    /// Changes name and settings of the caller's own organization: 200 with the resource.
    ///
    /// - Errors: 412 `precondition-failed`, 422 `invalid-request`.
    @Sendable private func updateOwn(_ request: Request, context: TenantRequestContext) async throws -> RawJSON {
        let change = try OrgChange(try await request.strictJSON(), by: .tenant)
        let actor = context.tenancy.actor
        return .tagged(
            try await self.updateOrg(
                change,
                of: context.orgID,
                if: try Precondition(request),
                actor: actor,
                requestID: context.id
            ).json
        )
    }

    private func show(_ id: OrgID) async throws -> RawJSON {
        let org = try await self.postgres.transaction(for: [id]) { try OrgStore(orgID: id).find(on: $0) }
        guard let org else { throw Problem.notFound }
        return .tagged(org.json)
    }
}

extension CreateOrg.Failure: ProblemConvertible {
    var problem: Problem {
        switch self {
        case .slugTaken, .derivedSlugTaken:
            Problem(
                code: "slug-taken",
                status: 409,
                title: "Another organization has this slug: choose another, or leave it out."
            )
        }
    }
}
