import HTTPService
import Hummingbird
import Postgres
import Shared

/// Routes under `/internal/messages/bulk`, `/internal/jobs` and `/internal/failed`.
struct JobRoutes: Sendable {
    static let mostIDs = 1000

    let act: ActOnMessages
    let start: StartJob
    let postgres: PostgresPool

    func add(to router: some RouterMethods<OrgRequestContext>) {
        router.post("/internal/messages/bulk", use: self.bulk)
        router.get("/internal/jobs", use: self.list)
        router.get("/internal/jobs/:id", use: self.show)
        router.post("/internal/failed/flush", use: self.flush)
    }

    /// Acts on messages: by ids 200 with a result for each, by filter 202 with a job.
    ///
    /// - Errors: 422 `invalid-request`, `nothing-matches`.
    @Sendable private func bulk(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        var fields = JSONFields(try await request.strictJSON(), at: "")
        let action = fields.requiredOneOf("action", JobAction.self)
        let texts = fields.strings("ids", 1...Self.mostIDs, 1...100)
        let filter = fields.nested("filter") { BulkFilter(&$0) }
        if (texts == nil) == (filter == nil), fields.violations.isEmpty {
            fields.violation(at: "ids", "or filter is required, and only one of them")
        }
        try fields.finish()
        if let filter { return try await self.begin(action, filter, context) }
        let ids = (texts ?? []).map { (text: $0, id: MessageID($0)) }
        let keys = Set(ids.compactMap(\.id)).sorted().map { MessageKey(orgID: context.orgID, id: $0) }
        var results: [MessageID: ChangeMessages.Effect] = [:]
        for start in stride(from: 0, to: keys.count, by: ChangeMessages.batch) {
            let part = Array(keys[start..<min(start + ChangeMessages.batch, keys.count)])
            let effects = try await self.act(action, on: part, by: context.actor, requestID: context.id)
            for (key, effect) in zip(part, effects) { results[key.id] = effect }
        }
        let done = action == .delete ? 204 : 200
        return RawJSON([
            "data": .array(
                ids.map { text, id in
                    let effect = id.flatMap { results[$0] } ?? .unknown
                    return effect.json(text, done: done, requestID: context.id)
                }
            )
        ])
    }

    private func begin(_ action: JobAction, _ filter: BulkFilter, _ context: OrgRequestContext) async throws -> RawJSON
    {
        let job = try await self.start(action, filter, for: context.acting, requestID: context.id)
        return RawJSON(job.json, status: .accepted, headers: [.location: "/api/v1/jobs/\(job.id)"])
    }

    /// Removes failed messages, all or those of a filter: 202 with a job.
    ///
    /// - Errors: 422 `confirmation-required` with how many there are, `nothing-matches`, `invalid-request`.
    @Sendable private func flush(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        var fields = JSONFields(try await request.optionalJSON(), at: "")
        let isConfirmed = fields.bool("confirm") ?? false
        var filter = fields.nested("filter") { BulkFilter(&$0) } ?? BulkFilter()
        if let statuses = filter.messages.statuses, statuses != [.failed] {
            fields.violation(at: "filter/status", "can only be failed here")
        }
        try fields.finish()
        filter.messages.statuses = [.failed]
        if isConfirmed { return try await self.begin(.delete, filter, context) }
        let meant = MeantMessages(filter, for: .delete, of: context.orgID)
        let count = try await self.postgres.transaction(for: [context.orgID]) { connection in
            try connection.query(meant.count).first?.get("count", as: Int.self) ?? 0
        }
        throw Problem(
            code: "confirmation-required",
            status: 422,
            title: "Failed messages are removed with all that is known of them: repeat it with \"confirm\": true.",
            detail: "\(count) failed messages would be removed."
        )
    }

    /// Lists the organization's jobs, the newest first.
    @Sendable private func list(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        let orgID = context.orgID
        var query = QueryParameters(request)
        let page = query.page(of: Job.self, for: orgID)
        try query.finish()
        let jobs = try await self.postgres.transaction(for: [orgID]) { connection in
            try connection.query(JobStore.list(of: orgID, before: page.after, limit: page.limit + 1)).map {
                try Job($0)
            }
        }
        return RawJSON(page.json(of: jobs, for: orgID, id: \.id, \.json))
    }

    /// Shows how far a job got.
    ///
    /// - Errors: 404 `not-found`.
    @Sendable private func show(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        let orgID = context.orgID
        guard let id = context.parameters.get("id").flatMap({ ID<Job>($0) }) else { throw Problem.notFound }
        let job = try await self.postgres.transaction(for: [orgID]) { connection in
            try connection.query(JobStore.find(id, of: orgID)).first.map { try Job($0) }
        }
        guard let job else { throw Problem.notFound }
        return RawJSON(job.json)
    }
}

extension ChangeMessages.Effect {
    /// One result of a bulk act.
    fileprivate func json(_ id: String, done: Int, requestID: String) -> JSONValue {
        do {
            try self.check()
            return .object(members: [("id", .string(id)), ("status", .number(JSONNumber(done))), ("error", .null)])
        } catch {
            return .object(members: [
                ("id", .string(id)), ("status", .number(JSONNumber(error.status))),
                ("error", error.body(requestID: requestID)),
            ])
        }
    }
}
