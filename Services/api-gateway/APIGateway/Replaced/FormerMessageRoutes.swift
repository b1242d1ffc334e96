import HTTPService
import HTTPTypes
import Hummingbird
import InternalAPI
import Shared

/// `POST /api/messages` and `/api/messages/send`, as the messaging platform and the team messaging system documented them.
///
/// Both posted to the same path: a body with `type` is a draft, every other one a message of a conversation.
struct FormerMessageRoutes: Sendable {
    let forward: ForwardRequest
    let storeInbound: StoreInboundMessage

    var routes: [TenantRoute] {
        [
            TenantRoute(.post, "", .messagesWrite, use: self.create),
            TenantRoute(.post, "/send", .broadcastsWrite, use: self.send),
        ]
    }

    /// Sends a message, stores an inbound one, or keeps a draft: 201 with what was made.
    ///
    /// - Errors: 404 `not-found`, 422 `invalid-request`, `idempotency-key-reused`.
    @Sendable private func create(_ request: Request, context: TenantRequestContext) async throws -> RawJSON {
        let body = try await request.strictJSON()
        if body["type"] != nil, body["direction"] == nil { return try await self.draft(body, request, context) }
        let message = try ConversationMessage(body)
        switch message.direction {
        case .inbound:
            let stored = try await self.storeInbound(message, request, context)
            return RawJSON(message.shown(stored), status: .created)
        case .outbound:
            let answer = try await self.forward.post(
                "/internal/messages",
                message.message,
                of: .messagingService,
                naming: ConversationMessage.names,
                for: request,
                context
            )
            return RawJSON(message.shown(try answer.json), status: .created, headers: answer.creationHeaders)
        }
    }

    private func draft(
        _ body: JSONValue,
        _ request: Request,
        _ context: TenantRequestContext
    ) async throws -> RawJSON {
        let draft = try MessageDraft(body)
        // The same code for the same key, so that repeating it is the same request.
        let key = try request.headers[.idempotencyKey].map { try IdempotencyKey($0).text }
        let answer = try await self.forward.post(
            "/internal/templates",
            draft.template(code: "draft-\(key ?? TemplateID.new().description)"),
            of: .messagingService,
            naming: MessageDraft.names,
            for: request,
            context
        )
        return RawJSON(draft.shown(try answer.json), status: .created, headers: answer.creationHeaders)
    }

    /// Sends a draft to customers: 202 with the broadcast.
    ///
    /// - Errors: 404 `not-found`, 422 `invalid-request`, `idempotency-key-reused`.
    @Sendable private func send(_ request: Request, context: TenantRequestContext) async throws -> RawJSON {
        let recipients = try DraftRecipients(try await request.strictJSON())
        let answer = try await SendDraft(forward: self.forward)(recipients, request, context)
        return RawJSON(try answer.json, status: .accepted, headers: answer.creationHeaders)
    }
}
