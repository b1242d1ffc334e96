import HTTPService
import HTTPTypes
import Hummingbird
import InternalAPI
import Shared

/// Routes under `/outbound/messages`, as the Java outbox documented them: messages of a dossier, in camelCase.
struct FormerOutboxRoutes: Sendable {
    /// Messages of one dossier that are counted and listed; more are asked for by `GET /messages?reference=`.
    private static let mostMessages = 10_000

    let forward: ForwardRequest

    var routes: [TenantRoute] {
        [
            TenantRoute(.post, "/outbound/messages", .messagesWrite, use: self.create),
            TenantRoute(.get, "/outbound/messages", .messagesRead, use: self.list),
            TenantRoute(.get, "/outbound/messages/paginated", .messagesRead, use: self.page),
            TenantRoute(.get, "/outbound/messages/{id}", .messagesRead, use: self.get),
            TenantRoute(.post, "/outbound/messages/{id}/retry", .messagesWrite, use: self.retry),
        ]
    }

    /// Accepts a message: 202 with the resource.
    ///
    /// - Errors: 409 `idempotency-key-in-use`; 422 `invalid-request`, `idempotency-key-reused`.
    @Sendable private func create(_ request: Request, context: TenantRequestContext) async throws -> RawJSON {
        let message = try OutboxMessage(try await request.strictJSON())
        let answer = try await self.forward.post(
            "/internal/messages",
            message.json,
            of: .messagingService,
            naming: OutboxMessage.names,
            for: request,
            context
        )
        let json = try answer.json
        var headers = answer.creationHeaders
        headers[.location] = json["id"]?.string.map { "/api/v1/outbound/messages/\($0)" }
        return RawJSON(OutboxMessage.shown(json), status: .accepted, headers: headers)
    }

    /// Shows one message.
    ///
    /// - Errors: 404 `not-found`.
    @Sendable private func get(_ request: Request, context: TenantRequestContext) async throws -> RawJSON {
        let id = try context.id(of: Message.self)
        return RawJSON(
            OutboxMessage.shown(
                try await self.forward.json("/internal/messages/\(id)", of: .messagingService, context)
            )
        )
    }

    /// Lists the messages of a dossier, the newest first: an array.
    ///
    /// - Errors: 400 `invalid-query`.
    @Sendable private func list(_ request: Request, context: TenantRequestContext) async throws -> RawJSON {
        var query = QueryParameters(request)
        let dossier = query.requiredString("dossierId")
        try query.finish()
        let messages = try await self.messages(of: dossier, context)
        return RawJSON(.array(messages.map(OutboxMessage.shown)))
    }

    /// Shows one page of a dossier's messages, the newest first; pages are counted from 0.
    ///
    /// - Errors: 400 `invalid-query`.
    @Sendable private func page(_ request: Request, context: TenantRequestContext) async throws -> RawJSON {
        var query = QueryParameters(request)
        let dossier = query.requiredString("dossierId")
        let number = query.int("page", 0...Self.mostMessages) ?? 0
        let size = query.int("size", 1...200) ?? 20
        try query.finish()
        let messages = try await self.messages(of: dossier, context)
        let shown = messages.dropFirst(number * size).prefix(size).map(OutboxMessage.shown)
        let pages = (messages.count + size - 1) / size
        return RawJSON([
            "content": .array(shown), "number": .number(JSONNumber(number)), "size": .number(JSONNumber(size)),
            "numberOfElements": .number(JSONNumber(shown.count)),
            "totalElements": .number(JSONNumber(messages.count)), "totalPages": .number(JSONNumber(pages)),
            "first": .bool(number == 0), "last": .bool(number >= pages - 1),
        ])
    }

    /// Tries a message again that has failed: 200 with the resource.
    ///
    /// - Errors: 404 `not-found`; 409 `message-state`, `message-in-flight`.
    @Sendable private func retry(_ request: Request, context: TenantRequestContext) async throws -> RawJSON {
        let id = try context.id(of: Message.self)
        let body = try await request.optionalJSON()
        let answer = try await self.forward.post(
            "/internal/messages/\(id)/retry",
            body,
            of: .messagingService,
            for: request,
            context
        )
        return RawJSON(OutboxMessage.shown(try answer.json))
    }

    private func messages(of dossier: String, _ context: TenantRequestContext) async throws -> [JSONValue] {
        var messages: [JSONValue] = []
        var cursor: String?
        repeat {
            let filter = "direction=outbound&limit=200&reference=\(dossier.queryEncoded)"
            let page = try await self.forward.json(
                "/internal/messages",
                of: .messagingService,
                query: cursor.map { "\(filter)&cursor=\($0)" } ?? filter,
                context
            )
            messages += page["data"]?.array ?? []
            cursor = page["next_cursor"]?.string
        } while cursor != nil && messages.count < Self.mostMessages
        return messages
    }
}

extension QueryParameters {
    fileprivate mutating func requiredString(_ name: String) -> String {
        guard let text = self.string(name, 1...200) else {
            self.violation(at: name, "is required")
            return ""
        }
        return text
    }
}
