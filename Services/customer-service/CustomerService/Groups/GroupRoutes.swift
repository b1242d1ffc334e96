import AuditTrail
import HTTPService
import Hummingbird
import Idempotency
import Postgres
import Shared

/// Routes under `/internal/groups`, which the api-gateway forwards from `/api/v1/groups`.
struct GroupRoutes: Sendable {
    let createOnce: CreateOnce
    let postgres: PostgresPool

    func add(to router: some RouterMethods<OrgRequestContext>) {
        router.post("/internal/groups", use: self.create)
        router.get("/internal/groups", use: self.list)
        router.get("/internal/groups/:id", use: self.get)
        router.patch("/internal/groups/:id", use: self.rename)
        router.delete("/internal/groups/:id", use: self.remove)
    }

    /// Makes a group: 201 with the resource.
    ///
    /// - Errors: 409 `group-name-taken`, `idempotency-key-in-use`; 422 `invalid-request`, `idempotency-key-reused`.
    @Sendable private func create(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        try await self.createOnce("groups.create", request, context) { body, connection in
            let (id, name) = (GroupID.new(), try Self.name(in: body))
            let group = try GroupStore.insert(name, id: id, of: context.orgID, on: connection)
            try connection.query(AuditStore.insert(AuditRecord(.created, .group, id, by: context)))
            return .init(json: group.json, location: "/api/v1/groups/\(id)")
        }
    }

    private static func name(in body: JSONValue) throws(Problem) -> String {
        var fields = JSONFields(body, at: "")
        let before = fields.violations.count
        let name = fields.line("name", GroupName.characters)
        if name == nil, fields.violations.count == before { fields.violation(at: "name", "is required") }
        try fields.finish()
        return name ?? ""
    }

    /// Lists groups, the oldest first.
    @Sendable private func list(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        let orgID = context.orgID
        var query = QueryParameters(request)
        let page = query.page(of: Group.self, for: orgID)
        try query.finish()
        let groups = try await self.postgres.transaction(for: [orgID]) { connection in
            try connection.query(GroupStore.list(of: orgID, after: page.after, limit: page.limit + 1))
                .map { try GroupResource($0) }
        }
        return RawJSON(page.json(of: groups, for: orgID, id: \.id, \.json))
    }

    /// Shows one group.
    ///
    /// - Errors: 404 `not-found`.
    @Sendable private func get(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        let (id, orgID) = (try context.id(of: Group.self), context.orgID)
        let group = try await self.postgres.transaction(for: [orgID]) { connection in
            try GroupStore.find(id, of: orgID, on: connection)
        }
        return .tagged(group.json)
    }

    /// Gives a group another name: 200 with the resource.
    ///
    /// - Errors: 404 `not-found`; 409 `group-name-taken`; 412 `precondition-failed`; 422 `invalid-request`.
    @Sendable private func rename(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        let (id, orgID) = (try context.id(of: Group.self), context.orgID)
        let name = try Self.name(in: try await request.strictJSON())
        let condition = try Precondition(request)
        do {
            let group = try await self.postgres.transaction(for: [orgID]) { connection in
                let before = try GroupStore.lock(id, of: orgID, on: connection).json
                try condition.check(before)
                let group = try GroupStore.rename(id, to: name, of: orgID, on: connection)
                let detail: JSONValue = [
                    "act": "edit", "name": ["from": before["name"] ?? .null, "to": group.json["name"] ?? .null],
                ]
                try connection.query(AuditStore.insert(AuditRecord(.updated, .group, id, by: context, detail)))
                return group
            }
            return .tagged(group.json)
        } catch PostgresError.uniqueViolation {
            throw Problem.groupNameTaken
        }
    }

    /// Removes a group; its members stay customers: 204.
    ///
    /// - Errors: 404 `not-found`.
    @Sendable private func remove(_ request: Request, context: OrgRequestContext) async throws -> Response {
        let (id, orgID) = (try context.id(of: Group.self), context.orgID)
        try await self.postgres.transaction(for: [orgID]) { connection in
            try GroupStore.remove(id, of: orgID, on: connection)
            try connection.query(AuditStore.insert(AuditRecord(.deleted, .group, id, by: context)))
        }
        return Response(status: .noContent)
    }
}
