import HTTPService
import HTTPTypes
import Hummingbird
import Postgres
import Shared

/// Routes under `/internal/broadcasts`, which the api-gateway forwards from `/api/v1/broadcasts`.
struct BroadcastRoutes: Sendable {
    let create: CreateBroadcast
    let dryRun: DryRunBroadcast
    let change: ChangeBroadcast
    let now: OrgNow
    let postgres: PostgresPool
    let countMessages = CountMessages()
    /// Bodies of 20 MB that are read at once: each takes several times its size while it is.
    let bodies = Permits(2)

    func add(to router: some RouterMethods<OrgRequestContext>) {
        router.post("/internal/broadcasts", use: self.create)
        router.get("/internal/broadcasts", use: self.list)
        router.get("/internal/broadcasts/:id", use: self.get)
        router.get("/internal/broadcasts/:id/recipients", use: self.recipients)
        router.get("/internal/broadcasts/:id/messages", use: self.messages)
        router.post("/internal/broadcasts/:id/pause") { try await self.change(.pause, $0, $1) }
        router.post("/internal/broadcasts/:id/resume") { try await self.change(.resume, $0, $1) }
        router.post("/internal/broadcasts/:id/cancel") { try await self.change(.cancel, $0, $1) }
        router.post("/internal/broadcasts/:id/retry", use: self.retry)
    }

    /// Accepts a broadcast: 202 with the resource; with `?dry_run=true` 200 with what would become of it.
    ///
    /// - Errors: 400 `malformed-json`; 409 `idempotency-key-in-use`; 413; 422 `invalid-request`, `idempotency-key-reused`;
    ///   503 while others are read.
    @Sendable private func create(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        var query = QueryParameters(request)
        let isDryRun = query.bool("dry_run") ?? false
        try query.finish()
        return try await self.bodies.within {
            let bytes = try await request.jsonBytes(upTo: Limits.broadcastBytes)
            guard !isDryRun else {
                return RawJSON(try await self.dryRun(bytes, for: context.acting, requestID: context.id))
            }
            let key = request.headers[.idempotencyKey]
            let answer = try await self.create(bytes, key: key, for: context.acting, requestID: context.id)
            var headers: HTTPFields = [:]
            headers[.location] = answer.json["id"]?.string.map { "/api/v1/broadcasts/\($0)" }
            if answer.isReplay { headers[.idempotencyReplayed] = "true" }
            return RawJSON(answer.json, status: .accepted, headers: headers)
        }
    }

    /// Lists broadcasts, the newest first.
    @Sendable private func list(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        let orgID = context.orgID
        var query = QueryParameters(request)
        let page = query.page(of: Broadcast.self, for: orgID)
        let states = query.values("status", BroadcastState.self)
        try query.finish()
        let broadcasts = try await self.postgres.transaction(for: [orgID]) { connection in
            try connection.query(
                BroadcastStore.list(of: orgID, states: states, before: page.after, limit: page.limit + 1)
            ).map { try StoredBroadcast($0) }
        }
        return RawJSON(page.json(of: broadcasts, for: orgID, id: \.id, \.json))
    }

    /// Shows one broadcast, and how many of its messages are where.
    ///
    /// - Errors: 404 `not-found`.
    @Sendable private func get(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        let (id, orgID) = (try context.broadcastID, context.orgID)
        let (broadcast, counts) = try await self.postgres.transaction(for: [orgID]) { connection in
            guard let row = try connection.query(BroadcastStore.find(id, of: orgID)).first else {
                throw Problem.notFound
            }
            let broadcast = try StoredBroadcast(row)
            return (broadcast, try self.countMessages(of: broadcast, on: connection))
        }
        let statuses = MessageStatus.allCases.map { status -> (String, JSONValue) in
            (status.rawValue, .number(JSONNumber(counts[status] ?? 0)))
        }
        return RawJSON(.object(members: broadcast.members + [("messages", .object(members: statuses))]))
    }

    /// Lists the recipients in their order, with what became of each.
    ///
    /// - Errors: 404 `not-found`.
    @Sendable private func recipients(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        let (id, orgID) = (try context.broadcastID, context.orgID)
        var query = QueryParameters(request)
        let page = query.numberedPage(for: orgID)
        let state = query.values("state", RecipientState.self)?.first
        try query.finish()
        let rows = try await self.postgres.transaction(for: [orgID]) { connection in
            guard try !connection.query(BroadcastStore.find(id, of: orgID)).isEmpty else { throw Problem.notFound }
            return try connection.query(
                RecipientStore.list(of: id, orgID, only: state, after: page.after, limit: page.limit + 1)
            ).map { try RecipientResource($0) }
        }
        return RawJSON(page.json(of: rows, for: orgID, number: \.number, \.json))
    }

    /// Lists the messages of a broadcast, the newest first; takes the filters of `GET /messages`.
    ///
    /// - Errors: 404 `not-found`.
    @Sendable private func messages(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        let (id, orgID) = (try context.broadcastID, context.orgID)
        var query = QueryParameters(request)
        let page = query.page(of: Message.self, for: orgID)
        var filter = MessageFilter(statuses: query.values("status", MessageStatus.self))
        try query.finish()
        filter.broadcastID = id
        let messages = try await self.postgres.transaction(for: [orgID]) { [filter] connection in
            guard try !connection.query(BroadcastStore.find(id, of: orgID)).isEmpty else { throw Problem.notFound }
            return try MessageStore(orgID: orgID).list(
                filter,
                before: page.after,
                limit: page.limit + 1,
                on: connection
            )
        }
        return RawJSON(page.json(of: messages, for: orgID, id: \.id, \.json))
    }

    /// Pauses, resumes or cancels a broadcast: 200 with the resource.
    ///
    /// - Errors: 404 `not-found`; 409 `broadcast-state`.
    private func change(
        _ verb: ChangeBroadcast.Verb,
        _ request: Request,
        _ context: OrgRequestContext
    ) async throws -> RawJSON {
        try await request.refuseFields()
        let broadcast = try await self.change(
            verb,
            try context.broadcastID,
            for: context.acting,
            now: try await self.now(for: context.acting),
            requestID: context.id
        )
        return RawJSON(broadcast.json)
    }

    /// Sends what failed once more: 202 with a job.
    ///
    /// - Errors: 404 `not-found`; 409 `broadcast-state`; 422 `nothing-matches`.
    @Sendable private func retry(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        try await request.refuseFields()
        let job = try await self.change.retry(try context.broadcastID, for: context.acting, requestID: context.id)
        return RawJSON(job.json, status: .accepted, headers: [.location: "/api/v1/jobs/\(job.id)"])
    }
}

extension OrgRequestContext {
    /// The id in the path; what is no id is as unknown as an id that nobody has.
    fileprivate var broadcastID: ID<Broadcast> {
        get throws(Problem) {
            guard let id = self.parameters.get("id").flatMap({ ID<Broadcast>($0) }) else { throw .notFound }
            return id
        }
    }
}
