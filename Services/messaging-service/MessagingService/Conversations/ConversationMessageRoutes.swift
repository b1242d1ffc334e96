import HTTPService
import HTTPTypes
import Hummingbird
import Postgres
import Shared

/// Routes under `/internal/conversations/{id}/messages`, which the api-gateway forwards.
struct ConversationMessageRoutes: Sendable {
    let list: ListConversationMessages
    let submit: SubmitMessage

    func add(to router: some RouterMethods<OrgRequestContext>) {
        router.get("/internal/conversations/:id/messages", use: self.show)
        router.post("/internal/conversations/:id/messages", use: self.reply)
    }

    /// Lists the messages of a conversation in both directions, the newest first.
    ///
    /// - Errors: 400 `invalid-query`, 404 `not-found`.
    @Sendable private func show(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        var query = QueryParameters(request)
        let page = query.page(of: Message.self, for: context.orgID)
        try query.finish()
        let messages = try await self.list(of: try context.conversationID, in: context.orgID, page)
        return RawJSON(page.json(of: messages, for: context.orgID, id: \.id, \.json))
    }

    /// Accepts one message to the conversation's customer: 202 with the resource.
    ///
    /// - Errors: those of `POST /internal/messages`, and 404 `not-found` for the conversation.
    @Sendable private func reply(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        var query = QueryParameters(request)
        try query.finish()
        let body = try ConversationReply.message(try await request.strictMessage(), in: try context.conversationID)
        let key = request.headers[.idempotencyKey]
        return RawJSON(try await self.submit(body, key: key, for: context.acting, requestID: context.id))
    }
}

/// A reply is a message to a conversation, and in all else like any other.
enum ConversationReply {
    /// What the conversation decides.
    private static let decided = ["to", "customer_id", "conversation_id"]

    /// The body of `POST /messages` that says the same.
    ///
    /// - Throws: `Problem` `invalid-request` for what the conversation decides.
    static func message(_ body: JSONValue, in conversation: ConversationID) throws(Problem) -> JSONValue {
        guard var fields = body.object else { return body }
        let given = self.decided.filter { fields[$0] != nil }
        guard given.isEmpty else {
            throw .invalidRequest(given.map { .init(pointer: "/\($0)", detail: "is decided by the conversation") })
        }
        fields["conversation_id"] = .text(conversation)
        return .object(fields)
    }
}

extension OrgRequestContext {
    fileprivate var conversationID: ConversationID {
        get throws {
            guard let id = self.parameters.get("id").flatMap({ ConversationID($0) }) else { throw Problem.notFound }
            return id
        }
    }
}
