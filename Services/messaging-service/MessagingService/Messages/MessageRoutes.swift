import HTTPService
import HTTPTypes
import Hummingbird
import Postgres
import Shared

/// Routes under `/internal/messages`, which the api-gateway forwards from `/api/v1/messages`.
struct MessageRoutes: Sendable {
    let submit: SubmitMessage
    let dryRun: DryRunMessage
    let postgres: PostgresPool

    func add(to router: some RouterMethods<OrgRequestContext>) {
        router.post("/internal/messages", use: self.create)
        router.get("/internal/messages", use: self.list)
        router.get("/internal/failed", use: self.failed)
        router.get("/internal/messages/:id", use: self.get)
        router.get("/internal/messages/:id/timeline", use: self.timeline)
    }

    /// Accepts one message: 202 with the resource; with `?dry_run=true` 200 with what would become of it.
    ///
    /// - Errors: 404 `not-found` (customer or conversation), 409 `idempotency-key-in-use`, 422 `invalid-request`,
    ///   `idempotency-key-reused`.
    @Sendable private func create(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        var query = QueryParameters(request)
        let isDryRun = query.bool("dry_run") ?? false
        try query.finish()
        let body = try await request.strictMessage()
        let key = request.headers[.idempotencyKey]
        guard isDryRun else {
            return RawJSON(try await self.submit(body, key: key, for: context.acting, requestID: context.id))
        }
        let create = try await self.submit.request(body, key: key, for: context.acting, requestID: context.id)
        return RawJSON(try await self.dryRun(create))
    }

    /// Lists messages, the newest first.
    @Sendable private func list(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        let orgID = context.orgID
        var query = QueryParameters(request)
        let page = query.page(of: Message.self, for: orgID)
        let filter = MessageFilter(&query)
        try query.finish()
        let messages = try await self.postgres.transaction(for: [orgID]) { connection in
            try MessageStore(orgID: orgID).list(filter, before: page.after, limit: page.limit + 1, on: connection)
        }
        return RawJSON(page.json(of: messages, for: orgID, id: \.id, \.json))
    }

    /// Lists failed messages with their attempts, the newest first.
    @Sendable private func failed(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        let (orgID, store) = (context.orgID, MessageStore(orgID: context.orgID))
        var query = QueryParameters(request)
        let page = query.page(of: Message.self, for: orgID)
        let filter = BulkFilter(
            messages: MessageFilter(
                channels: query.values("channel", Channel.self),
                accountID: query.id("account_id", of: ChannelAccount.self),
                createdAfter: query.timestamp("created_after"),
                createdBefore: query.timestamp("created_before")
            ),
            errorCode: query.string("error_code", 1...200)
        )
        try query.finish()
        let (messages, attempts) = try await self.postgres.transaction(for: [orgID]) { connection in
            let messages = try store.failed(filter, before: page.after, limit: page.limit + 1, on: connection)
            return (messages, try store.attempts(of: messages.map(\.id), on: connection))
        }
        return RawJSON(
            page.json(of: messages, for: orgID, id: \.id) { message in
                let attempts = (attempts[message.id] ?? []).map(\.json)
                return .object(members: message.members + [("attempts", .array(attempts))])
            }
        )
    }

    /// Shows one message with its attempts.
    ///
    /// - Errors: 404 `not-found`.
    @Sendable private func get(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        let store = MessageStore(orgID: context.orgID)
        let id = try context.messageID
        let found = try await self.postgres.transaction(for: [context.orgID]) { connection in
            try store.find(id, on: connection).map { ($0, try store.attempts(of: id, on: connection)) }
        }
        guard let (message, attempts) = found else { throw Problem.notFound }
        return RawJSON(.object(members: message.members + [("attempts", .array(attempts.map(\.json)))]))
    }

    /// Shows what happened to a message, in order.
    ///
    /// - Errors: 404 `not-found`.
    @Sendable private func timeline(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        let store = MessageStore(orgID: context.orgID)
        let id = try context.messageID
        let timeline = try await self.postgres.transaction(for: [context.orgID]) { connection in
            try store.find(id, on: connection).map { message in
                Timeline(
                    message: message,
                    attempts: try store.attempts(of: id, on: connection),
                    reports: try store.reports(of: id, on: connection),
                    acts: try store.acts(of: id, on: connection),
                    standing: try store.standing(of: id, on: connection)
                )
            }
        }
        guard let timeline else { throw Problem.notFound }
        return RawJSON(["data": .array(timeline.entries.map(\.json))])
    }
}

extension OrgRequestContext {
    /// The id in the path; what is no id is as unknown as an id that nobody has.
    var messageID: MessageID {
        get throws {
            guard let id = self.parameters.get("id").flatMap({ MessageID($0) }) else { throw Problem.notFound }
            return id
        }
    }
}

extension MessageFilter {
    fileprivate init(_ query: inout QueryParameters) {
        self.init(
            statuses: query.values("status", MessageStatus.self),
            channels: query.values("channel", Channel.self),
            conversationID: query.id("conversation_id", of: Conversation.self),
            customerID: query.id("customer_id", of: Customer.self),
            accountID: query.id("account_id", of: ChannelAccount.self),
            broadcastID: query.id("broadcast_id", of: Broadcast.self),
            reference: query.string("reference", 1...200),
            direction: query.values("direction", Direction.self)?.first,
            createdAfter: query.timestamp("created_after"),
            createdBefore: query.timestamp("created_before")
        )
    }
}

extension RawJSON {
    /// 202 with what was accepted, now or when its key was first used.
    init(_ answer: CreateAnswer) {
        self.init(
            answer.body,
            status: .accepted,
            headers: answer.isReplay ? [.idempotencyReplayed: "true"] : [:]
        )
    }
}
