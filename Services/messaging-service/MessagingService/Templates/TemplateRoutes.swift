import HTTPService
import Hummingbird
import Idempotency
import Postgres
import Shared

/// Routes under `/internal/templates`, which the api-gateway forwards from `/api/v1/templates`.
struct TemplateRoutes: Sendable {
    let createOnce: CreateOnce
    let change: ChangeTemplates
    let preview: PreviewTemplate
    let postgres: PostgresPool

    func add(to router: some RouterMethods<OrgRequestContext>) {
        router.post("/internal/templates", use: self.create)
        router.get("/internal/templates", use: self.list)
        router.post("/internal/templates/preview", use: self.tryOut)
        router.get("/internal/templates/:id", use: self.get)
        router.patch("/internal/templates/:id", use: self.update)
        router.delete("/internal/templates/:id", use: self.remove)
        router.get("/internal/templates/:id/versions", use: self.versions)
        router.post("/internal/templates/:id/preview", use: self.show)
    }

    /// Keeps a template: 201 with the resource.
    ///
    /// - Errors: 409 `template-taken`, `idempotency-key-in-use`; 422 `invalid-request`, `idempotency-key-reused`.
    @Sendable private func create(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        let (acting, requestID) = (context.acting, context.id)
        return try await self.createOnce("templates.create", request, context) { body, connection in
            let template = TemplateResource(try NewTemplate(body), id: .new(), of: acting.orgID, at: .now)
            try ChangeTemplates.create(template, for: acting, requestID: requestID, on: connection)
            return .init(json: template.json, location: "/api/v1/templates/\(template.id)")
        }
    }

    /// Lists templates in their newest versions, the newest template first.
    @Sendable private func list(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        let orgID = context.orgID
        var query = QueryParameters(request)
        let page = query.page(of: Template.self, for: orgID)
        let filter = TemplateFilter(
            code: query.string("code", 1...512),
            channels: query.values("channel", Channel.self),
            language: query.string("language", 2...15)
        )
        try query.finish()
        let templates = try await self.postgres.transaction(for: [orgID]) { connection in
            try TemplateStore.list(filter, of: orgID, before: page.after, limit: page.limit + 1, on: connection)
        }
        return RawJSON(page.json(of: templates, for: orgID, id: \.id, \.json))
    }

    /// Shows one template, in its newest version or in `?version=`.
    ///
    /// - Errors: 404 `not-found`.
    @Sendable private func get(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        var query = QueryParameters(request)
        let version = query.int("version", 1...Int(Int32.max))
        try query.finish()
        return .tagged(try await self.find(version: version, context).json)
    }

    /// Changes what a template says, which makes a new version: 200 with the resource.
    ///
    /// - Errors: 404 `not-found`; 412 `precondition-failed`; 422 `invalid-request`.
    @Sendable private func update(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        let body = try await request.strictJSON()
        let template = try await self.change.update(
            try context.templateID,
            by: body,
            if: try Precondition(request),
            for: context.acting,
            requestID: context.id
        )
        return .tagged(template.json)
    }

    /// Removes a template with its versions: 204.
    ///
    /// - Errors: 404 `not-found`.
    @Sendable private func remove(_ request: Request, context: OrgRequestContext) async throws -> Response {
        try await self.change.remove(try context.templateID, for: context.acting, requestID: context.id)
        return Response(status: .noContent)
    }

    /// Lists the versions of a template, the newest first.
    ///
    /// - Errors: 404 `not-found`.
    @Sendable private func versions(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        let (id, orgID) = (try context.templateID, context.orgID)
        let versions = try await self.postgres.transaction(for: [orgID]) { connection in
            try TemplateStore.versions(of: id, orgID, on: connection)
        }
        guard !versions.isEmpty else { throw Problem.notFound }
        return RawJSON(["data": .array(versions), "next_cursor": .null])
    }

    /// Shows what a message of a stored template would say: 200.
    ///
    /// - Errors: 404 `not-found`; 422 `invalid-request`.
    @Sendable private func show(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        var fields = JSONFields(try await request.optionalJSON(), at: "")
        let example = PreviewTemplate.Example(&fields)
        let version = fields.int("version", 1...Int(Int32.max))
        try fields.finish()
        let template = try await self.find(version: version, context).stored
        return RawJSON(try await self.preview(template, with: example, of: context.orgID))
    }

    /// Shows what a message of a template would say that is not kept: 200.
    ///
    /// - Errors: 422 `invalid-request`.
    @Sendable private func tryOut(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        var fields = JSONFields(try await request.strictJSON(), at: "")
        let template = fields.requiredNested("template") { NewTemplate(&$0) }
        let example = PreviewTemplate.Example(&fields)
        try fields.finish()
        let tried = StoredTemplate(
            version: nil,
            code: template.code,
            channel: template.channel,
            language: template.language,
            content: template.content
        )
        return RawJSON(try await self.preview(tried, with: example, of: context.orgID))
    }

    private func find(version: Int?, _ context: OrgRequestContext) async throws -> TemplateResource {
        let (id, orgID) = (try context.templateID, context.orgID)
        let template = try await self.postgres.transaction(for: [orgID]) { connection in
            try TemplateStore.find(id, of: orgID, version: version, on: connection)
        }
        guard let template else { throw Problem.notFound }
        return template
    }
}

extension OrgRequestContext {
    /// The id in the path; what is no id is as unknown as an id that nobody has.
    fileprivate var templateID: TemplateID {
        get throws(Problem) {
            guard let id = self.parameters.get("id").flatMap({ TemplateID($0) }) else { throw .notFound }
            return id
        }
    }
}
