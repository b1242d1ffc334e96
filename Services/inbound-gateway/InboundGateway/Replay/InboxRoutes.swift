import AuditTrail
import HTTPService
import Hummingbird
import Postgres
import Shared

/// Routes under `/internal/webhook-events`, which the api-gateway forwards from `/api/v1/webhook-events`.
struct InboxRoutes: Sendable {
    let postgres: PostgresPool
    let replay: ReplayEvents

    func add(to router: some RouterMethods<OrgRequestContext>) {
        router.get("/internal/webhook-events", use: self.list)
        router.get("/internal/webhook-events/:id", use: self.show)
        router.post("/internal/webhook-events/:id/replay", use: self.replayOne)
        router.post("/internal/webhook-events/replay", use: self.replayMany)
    }

    /// Lists what providers posted, the newest first.
    @Sendable private func list(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        let orgID = context.orgID
        var query = QueryParameters(request)
        let page = query.page(of: InboxEvent.self, for: orgID)
        let filter = InboxFilter(&query)
        try query.finish()
        let rows = try await self.postgres.transaction(for: [orgID]) { connection in
            try ReplayStore(orgID: orgID).list(filter, before: page.after, limit: page.limit + 1, on: connection)
        }
        let shown = page.page(of: rows, for: orgID, id: \.id, \.json)
        return RawJSON([
            "data": .array(shown.data), "next_cursor": shown.nextCursor.map { .string($0) } ?? .null,
        ])
    }

    /// Shows one event with the webhook that brought it.
    ///
    /// - Errors: 404 `not-found`.
    @Sendable private func show(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        RawJSON(try await self.resource(context))
    }

    /// Passes one event on again: 200 with the event, which is due.
    ///
    /// - Errors: 404 `not-found`.
    @Sendable private func replayOne(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        var fields = JSONFields(try await request.optionalJSON(), at: "")
        try fields.finish()
        let id = try context.eventID
        let audit = AuditRecord(.updated, .webhookEvent, id, by: context, ["act": "replay"])
        let answer = try await self.replay(InboxFilter(), of: context.orgID, id: id, audit: audit)
        guard answer.count == 1 else { throw Problem.notFound }
        return RawJSON(try await self.resource(context))
    }

    /// Passes on again what `filter` means, and with `after` only those after it: 202 with how many.
    ///
    /// - Errors: 422 `invalid-request`; a filter has one field at least.
    @Sendable private func replayMany(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        let body = try await request.strictJSON()
        var fields = JSONFields(body, at: "")
        let filter = fields.requiredNested("filter") { fields in
            let filter = InboxFilter(&fields)
            if filter == InboxFilter() { fields.violation(at: "state", "or another field is required") }
            return filter
        }
        let after = fields.id("after", of: InboxEvent.self)
        try fields.finish()
        // As it was asked for: it holds nothing but words of ours, ids and times.
        var detail: JSONObject = ["act": "replay"]
        for name in ["filter", "after"] { detail[name] = body[name] }
        let audit = AuditRecord(.updated, .org, context.orgID, by: context, .object(detail))
        let answer = try await self.replay(filter, of: context.orgID, after: after, audit: audit)
        return RawJSON(
            [
                "replayed": .number(JSONNumber(answer.count)),
                "next": answer.next.map { .string($0.description) } ?? .null,
            ],
            status: .accepted
        )
    }

    private func resource(_ context: OrgRequestContext) async throws -> JSONValue {
        let (orgID, id) = (context.orgID, try context.eventID)
        let found = try await self.postgres.transaction(for: [orgID]) { connection in
            try ReplayStore(orgID: orgID).find(id, on: connection)
        }
        guard let found else { throw Problem.notFound }
        return found.event.json(with: found.request)
    }
}

extension OrgRequestContext {
    /// The path's event; what is no id at all is as unknown as an id that nobody has.
    fileprivate var eventID: ID<InboxEvent> {
        get throws {
            guard let id = self.parameters.get("id").flatMap({ ID<InboxEvent>($0) }) else { throw Problem.notFound }
            return id
        }
    }
}
