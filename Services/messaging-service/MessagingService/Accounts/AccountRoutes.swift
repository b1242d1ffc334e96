import HTTPService
import Hummingbird
import Idempotency
import Postgres
package import Shared

/// Routes under `/internal/channel-accounts`, which the api-gateway forwards from `/api/v1/channel-accounts`.
struct AccountRoutes: Sendable {
    let createOnce: CreateOnce
    let createAccount: CreateAccount
    let updateAccount: UpdateAccount
    let parkAccount: ParkAccount
    let checkAccount: CheckAccount
    let deleteAccount: DeleteAccount
    let postgres: PostgresPool

    func add(to router: some RouterMethods<OrgRequestContext>) {
        router.post("/internal/channel-accounts", use: self.create)
        router.get("/internal/channel-accounts", use: self.list)
        router.get("/internal/channel-accounts/:id", use: self.get)
        router.patch("/internal/channel-accounts/:id", use: self.update)
        router.delete("/internal/channel-accounts/:id", use: self.delete)
        router.post("/internal/channel-accounts/:id/park", use: self.park)
        router.post("/internal/channel-accounts/:id/resume", use: self.resume)
        router.post("/internal/channel-accounts/:id/check", use: self.check)
    }

    /// Sets up an account: 201 with the resource.
    ///
    /// - Errors: 409 `account-name-taken`, `number-taken`, `idempotency-key-in-use`; 422 `invalid-request`,
    ///   `idempotency-key-reused`.
    @Sendable private func create(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        let (acting, requestID) = (context.acting, context.id)
        return try await self.createOnce("channel-accounts.create", request, context) { body, connection in
            let account = try NewAccount(body)
            let resource = try self.createAccount(account, for: acting, requestID: requestID, on: connection)
            return .init(json: resource.json, location: "/api/v1/channel-accounts/\(resource.id)")
        }
    }

    /// Lists the organization's accounts, the oldest first.
    @Sendable private func list(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        let orgID = context.orgID
        var query = QueryParameters(request)
        let page = query.page(of: ChannelAccount.self, for: orgID)
        try query.finish()
        let accounts = try await self.postgres.transaction(for: [orgID]) { connection in
            try AccountStore.list(of: orgID, after: page.after, limit: page.limit + 1, on: connection)
        }
        return RawJSON(page.json(of: accounts, for: orgID, id: \.id, \.json))
    }

    /// Shows one account.
    ///
    /// - Errors: 404 `not-found`.
    @Sendable private func get(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        let orgID = context.orgID
        let id = try context.accountID
        let account = try await self.postgres.transaction(for: [orgID]) { connection in
            try AccountStore.find(id, of: orgID, on: connection)
        }
        guard let account else { throw Problem.notFound }
        return .tagged(account.json)
    }

    /// Changes name, credentials, settings, or makes it the default: 200 with the resource.
    ///
    /// - Errors: 404 `not-found`; 409 `account-name-taken`, `number-taken`; 412 `precondition-failed`;
    ///   422 `invalid-request`.
    @Sendable private func update(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        let body = try await request.strictJSON()
        let account = try await self.updateAccount(
            body,
            of: try context.accountID,
            if: try Precondition(request),
            for: context.acting,
            requestID: context.id
        )
        return .tagged(account.json)
    }

    /// Deletes an account by which nothing is to be sent any more: 204.
    ///
    /// Its messages stay, and its name is free again.
    /// - Errors: 404 `not-found`; 409 `account-in-use`; 412 `precondition-failed`.
    @Sendable private func delete(_ request: Request, context: OrgRequestContext) async throws -> Response {
        try await request.refuseFields()
        try await self.deleteAccount(
            try context.accountID,
            if: try Precondition(request),
            for: context.acting,
            requestID: context.id
        )
        return Response(status: .noContent)
    }

    /// Stops an account from sending, until it is resumed; its messages stay queued: 200 with the resource.
    ///
    /// - Errors: 404 `not-found`, 422 `invalid-request`.
    @Sendable private func park(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        var fields = JSONFields(try await request.optionalJSON(), at: "")
        let reason = fields.string("reason", 1...500)
        try fields.finish()
        let id = try context.accountID
        let account = try await self.parkAccount.park(id, reason: reason, for: context.acting, requestID: context.id)
        return RawJSON(account.json)
    }

    /// Lets an account send again, whoever parked it: 200 with the resource.
    ///
    /// - Errors: 404 `not-found`.
    @Sendable private func resume(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        try await request.refuseFields()
        let id = try context.accountID
        return RawJSON(try await self.parkAccount.resume(id, for: context.acting, requestID: context.id).json)
    }

    /// Asks the provider whether the credentials work: 200 with what it says, 202 when nobody answered in time.
    ///
    /// - Errors: 403 `test-key`; 404 `not-found`; 409 `check-in-progress`, `account-changed`; 503 `secret-sealed`.
    @Sendable private func check(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        try await request.refuseFields()
        let id = try context.accountID
        let check = try await self.checkAccount(id, for: context.acting, requestID: context.id)
        guard check.status == nil else { return RawJSON(check.json) }
        return RawJSON(check.json, status: .accepted, headers: [.location: "/api/v1/channel-accounts/\(id)"])
    }
}

extension OrgRequestContext {
    /// The id in the path; what is no id is as unknown as an id that nobody has.
    fileprivate var accountID: AccountID {
        get throws {
            guard let id = self.parameters.get("id").flatMap({ AccountID($0) }) else { throw Problem.notFound }
            return id
        }
    }
}

extension CreateAccount.Failure: ProblemConvertible {
    package var problem: Problem {
        switch self {
        case .nameTaken:
            Problem(
                code: "account-name-taken",
                status: 409,
                title: "The organization already has an account of this channel with this name."
            )
        case .numberTaken:
            Problem(
                code: "number-taken",
                status: 409,
                title: "This phone_number_id already belongs to another account: one number has one owner."
            )
        case .sandboxOnly:
            Problem.invalidRequest([
                .init(pointer: "/provider", detail: "must be sandbox: a sandbox organization reaches nobody")
            ])
        }
    }
}
