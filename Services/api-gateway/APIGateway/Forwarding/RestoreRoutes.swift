import HTTPService
import Hummingbird
import InternalAPI
import Shared

/// What the operator does after a restore: messaging-service keeps the fence.
struct RestoreRoutes: Sendable {
    /// Workers whose journals are said to be lost, in one call.
    static let mostLost = 1000

    let askEverything: AskEverything

    func add(to router: some RouterMethods<OperatorRequestContext>) {
        router.get("/restore") { request, context in
            try await self.askEverything("/internal/engine/restore", request, context)
        }
        router.post("/restore/reconcile", use: self.reconcile)
    }

    /// Does some of what lets messages be sent again; to be repeated until it is done.
    ///
    /// - Errors: 409 `journals-missing`, 422 `invalid-request`.
    @Sendable private func reconcile(_ request: Request, context: OperatorRequestContext) async throws -> RawJSON {
        var fields = JSONFields(try await request.optionalJSON(), at: "")
        let lost = fields.strings("lost_journals", 0...Self.mostLost, 1...100) ?? []
        try fields.finish()
        let body: JSONValue = [
            "actor": .string(OperatorRequestContext.actor), "lost_journals": .array(lost.map { .string($0) }),
        ]
        let answer: JSONValue = try await self.askEverything.messaging.post(
            "/internal/engine/restore/reconcile",
            body,
            deadline: self.askEverything.deadlines.ordinary
        )
        return RawJSON(answer)
    }
}
