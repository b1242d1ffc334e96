import Batching
import HTTPService
import Hummingbird
import InternalAPI
import Shared

/// Routes under `/internal/conversations` that services call for themselves, for any organizations.
struct BatchRoutes: Sendable {
    /// Items in one call: as many as a batch of messages has.
    static let mostItems = Limits.batchMessages
    /// The database checks the same.
    static let eventKeyBytes = 1...400

    let resolveConversations: ResolveConversations
    let findConversations: FindConversations
    let receiveMessages: ReceiveMessages
    /// Calls with one message, written together with those that arrive at the same time.
    let receipts: Coalescer<ConversationAPI.Receive, ConversationAPI.Received>

    func add(to router: some RouterMethods<ServiceRequestContext>) {
        router.post("/internal/conversations/resolve", use: self.resolve)
        router.post("/internal/conversations/find", use: self.find)
        router.post("/internal/conversations/receive", use: self.receive)
    }

    /// Finds the conversation of each customer and account, and opens those that are missing.
    ///
    /// - Errors: 400 `malformed-json`; 422 `too-many-items`; 422 `invalid-request` for an address that no channel has.
    @Sendable private func resolve(_ request: Request, context: ServiceRequestContext) async throws -> JSONResponse {
        let items = try await request.decodeInternal(ConversationAPI.ResolveRequest.self).items
        guard items.count <= Self.mostItems else { throw Problem.tooManyItems }
        try Self.refuse(items.enumerated().flatMap { Self.violations($1.address, at: $0) })
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

    /// Puts inbound messages down in their conversations, and opens those that are missing.
    ///
    /// - Errors: 400 `malformed-json`; 422 `too-many-items`; 422 `invalid-request` for an address that no channel has, or an
    ///   event key without 1 to 400 bytes; 503 `unavailable` when more calls wait than there is room for.
    @Sendable private func receive(_ request: Request, context: ServiceRequestContext) async throws -> JSONResponse {
        let items = try await request.decodeInternal(ConversationAPI.ReceiveRequest.self).items
        guard items.count <= Self.mostItems else { throw Problem.tooManyItems }
        try Self.refuse(
            items.enumerated().flatMap { Self.violations($1.address, at: $0) + Self.violations($1.eventKey, at: $0) }
        )
        return JSONResponse(.ok, ConversationAPI.ReceiveAnswer(items: try await self.receive(items)))
    }

    private func receive(_ items: [ConversationAPI.Receive]) async throws -> [ConversationAPI.Received] {
        guard items.count == 1 else { return try await self.receiveMessages(items) }
        do {
            return [try await self.receipts.submit(items[0])]
        } catch CoalescerFailure.full {
            throw Problem.unavailable
        }
    }

    private static func violations(_ address: Address, at index: Int) -> [Problem.Violation] {
        guard !address.isStorable else { return [] }
        return [.init(pointer: "/items/\(index)/address", detail: Address.storableRule)]
    }

    private static func violations(_ eventKey: String, at index: Int) -> [Problem.Violation] {
        guard !Self.eventKeyBytes.contains(eventKey.utf8.count) || eventKey.utf8.contains(0) else { return [] }
        return [.init(pointer: "/items/\(index)/eventKey", detail: "must have 1 to 400 bytes and no NUL")]
    }

    private static func refuse(_ violations: [Problem.Violation]) throws(Problem) {
        guard violations.isEmpty else { throw .invalidRequest(violations) }
    }
}

extension Problem {
    static let tooManyItems = Problem(
        code: "too-many-items",
        status: 422,
        title: "A call has at most 1,000 items."
    )
}
