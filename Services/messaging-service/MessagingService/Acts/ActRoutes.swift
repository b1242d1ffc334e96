import HTTPService
import Hummingbird
import Postgres
package import Shared

/// Routes under `/internal/messages/{id}` that change a message.
struct ActRoutes: Sendable {
    let change: ChangeMessages
    let edit: EditMessage
    let delete: DeleteMessages
    let postgres: PostgresPool

    func add(to router: some RouterMethods<OrgRequestContext>) {
        router.patch("/internal/messages/:id", use: self.update)
        router.delete("/internal/messages/:id", use: self.remove)
        router.post("/internal/messages/:id/resolve", use: self.resolve)
        router.post("/internal/messages/:id/cancel") { request, context in
            try await request.refuseFields()
            return try await self.act(.cancel, context) { settlement, now throws(ActRefusal) in
                try settlement.cancel(now: now)
            }
        }
        router.post("/internal/messages/:id/retry") { request, context in
            try await request.refuseFields()
            return try await self.act(.retry, context) { settlement, now throws(ActRefusal) in
                try settlement.retry(now: now)
            }
        }
        router.post("/internal/messages/:id/send-now") { request, context in
            try await request.refuseFields()
            return try await self.act(.sendNow, context) { settlement, now throws(ActRefusal) in
                try settlement.sendNow(now: now)
            }
        }
    }

    /// Edits a message that has not left, or failed: 200 with the resource.
    ///
    /// - Errors: 404 `not-found`; 409 `message-in-flight`, `message-state`, `message-changed`; 422 `invalid-request`.
    @Sendable private func update(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        let body = try await request.strictMessage()
        try await self.edit(body, of: try context.messageID, for: context.acting, requestID: context.id)
        return try await self.show(context)
    }

    /// Decides about an uncertain message: 200 with the resource.
    ///
    /// - Errors: 404 `not-found`, 409 `message-state`, 422 `invalid-request`.
    @Sendable private func resolve(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        var fields = JSONFields(try await request.strictJSON(), at: "")
        let resolution = fields.requiredOneOf("outcome", Resolution.self)
        try fields.finish()
        let detail: JSONObject = ["outcome": .string(resolution.rawValue)]
        return try await self.act(.resolve, context, detail: detail) { settlement, now throws(ActRefusal) in
            try settlement.resolve(resolution, now: now)
        }
    }

    /// Removes a message with all that is known of it, unless a worker has it: 204.
    ///
    /// - Errors: 404 `not-found`, 409 `message-in-flight`.
    @Sendable private func remove(_ request: Request, context: OrgRequestContext) async throws -> Response {
        let key = MessageKey(orgID: context.orgID, id: try context.messageID)
        let act = Act(.delete, by: context.actor, requestID: context.id)
        try await self.delete([key], as: act).first?.check()
        return Response(status: .noContent)
    }

    private func act(
        _ name: Act.Name,
        _ context: OrgRequestContext,
        detail: JSONObject = [:],
        _ change: @escaping ChangeMessages.Change
    ) async throws -> RawJSON {
        let key = MessageKey(orgID: context.orgID, id: try context.messageID)
        let act = Act(name, by: context.actor, requestID: context.id, detail: detail)
        try await self.change([key], as: act, change).first?.check()
        return try await self.show(context)
    }

    private func show(_ context: OrgRequestContext) async throws -> RawJSON {
        let (orgID, id) = (context.orgID, try context.messageID)
        let message = try await self.postgres.transaction(for: [orgID]) { connection in
            try MessageStore(orgID: orgID).find(id, on: connection)
        }
        guard let message else { throw Problem.notFound }
        return RawJSON(message.json)
    }
}

extension ChangeMessages.Effect {
    /// - Throws: the `Problem` that a refusal is.
    func check() throws(Problem) {
        switch self {
        case .changed: return
        case .unknown: throw .notFound
        case .refused(let refusal): throw refusal.problem
        }
    }
}

extension ActRefusal: ProblemConvertible {
    package var problem: Problem {
        switch self {
        case .inFlight:
            Problem(
                code: "message-in-flight",
                status: 409,
                title: "A worker is sending the message at this moment; what comes of it decides what is possible then."
            )
        case .inbound:
            Problem(
                code: "message-state",
                status: 409,
                title: "The message's state does not allow this.",
                detail: "A customer sent it: it can be shown and deleted, and nothing else."
            )
        case .wrongState(let status, let allowed):
            Problem(
                code: "message-state",
                status: 409,
                title: "The message's state does not allow this.",
                detail: "It is \(status.rawValue); \(allowed)."
            )
        }
    }
}
