import HTTPService
import Hummingbird
import InternalAPI
import Shared

/// Routes under `/internal/conversations` that services call for themselves, for any organizations.
struct ConversationRoutes: Sendable {
    /// Items in one call: as many as a batch of messages has.
    static let mostItems = Limits.batchMessages

    let resolveConversations: ResolveConversations
    let findConversations: FindConversations

    func add(to router: some RouterMethods<ServiceRequestContext>) {
        router.post("/internal/conversations/resolve", use: self.resolve)
        router.post("/internal/conversations/find", use: self.find)
    }

    /// Finds the conversation of each customer and account, and opens those that are missing.
    ///
    /// - Errors: 400 `malformed-json`; 422 `too-many-items`; 422 `invalid-request` for an address that no channel has.
    @Sendable private func resolve(_ request: Request, context: ServiceRequestContext) async throws -> JSONResponse {
        let items = try await request.decodeInternal(ConversationAPI.ResolveRequest.self).items
        guard items.count <= Self.mostItems else { throw Problem.tooManyItems }
        try Self.check(items)
        return JSONResponse(.ok, ConversationAPI.ResolveAnswer(items: try await self.resolveConversations(items)))
    }

    /// Looks up conversations by id.
    ///
    /// - Errors: 400 `malformed-json`; 422 `too-many-items`.
    @Sendable private func find(_ request: Request, context: ServiceRequestContext) async throws -> JSONResponse {
        let items = try await request.decodeInternal(ConversationAPI.FindRequest.self).items
        guard items.count <= Self.mostItems else { throw Problem.tooManyItems }
        return JSONResponse(.ok, ConversationAPI.FindAnswer(items: try await self.findConversations(items)))
    }

    private static func check(_ items: [ConversationAPI.Resolve]) throws(Problem) {
        let violations = items.enumerated().compactMap { index, item -> Problem.Violation? in
            guard !item.address.isStorable else { return nil }
            return Problem.Violation(pointer: "/items/\(index)/address", detail: Address.storableRule)
        }
        guard violations.isEmpty else { throw .invalidRequest(violations) }
    }
}

extension Problem {
    fileprivate static let tooManyItems = Problem(
        code: "too-many-items",
        status: 422,
        title: "A call has at most 1,000 items."
    )
}
