import HTTPService
import Hummingbird
import Shared

/// Routes under `/internal/conversations/{id}` that change a conversation; a repeated one answers the same.
struct ActRoutes: Sendable {
    let act: ActOnConversation

    func add(to router: some RouterMethods<OrgRequestContext>) {
        router.post("/internal/conversations/:id/assign", use: self.assign)
        for act in [ConversationAct.close, .reopen, .read] {
            router.post("/internal/conversations/:id/\(act.name)") { request, context in
                try await request.refuseFields()
                let id = try context.conversationID
                return RawJSON(try await self.act(act, on: id, for: context.acting, requestID: context.id).json)
            }
        }
    }

    /// Gives a conversation to somebody, or with `null` to nobody: 200 with the resource.
    ///
    /// - Errors: 404 `not-found`, 422 `invalid-request`.
    @Sendable private func assign(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        var fields = JSONFields(try await request.strictJSON(), at: "")
        if !fields.isPresent("assignee") { fields.violation(at: "assignee", "is required; null is nobody") }
        let assignee = fields.string("assignee", StoredConversation.assigneeLength)
        try fields.finish()
        let id = try context.conversationID
        let act = ConversationAct.assign(assignee)
        return RawJSON(try await self.act(act, on: id, for: context.acting, requestID: context.id).json)
    }
}
