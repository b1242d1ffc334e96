import HTTPService
import Hummingbird
import InternalAPI
import Shared

/// The routes `/conversations/{id}/activities` and `/customers/{id}/activities`.
///
/// Each is one timeline of what happened to conversations, which conversation-service knows, and to their messages, which
/// messaging-service knows.
struct TimelineRoutes: Sendable {
    private enum Activity {}

    /// Conversations of one customer, who has one with each channel account: as many as messaging-service takes in a call.
    private static let mostConversations = 200

    let forward: ForwardRequest

    var routes: [TenantRoute] {
        [
            TenantRoute(.get, "/conversations/{id}/activities", .conversationsRead, use: self.ofConversation),
            TenantRoute(.get, "/customers/{id}/activities", .customersRead, use: self.ofCustomer),
        ]
    }

    /// Lists what happened in a conversation, the newest first.
    @Sendable private func ofConversation(_ request: Request, context: TenantRequestContext) async throws -> RawJSON {
        let page = try Self.page(request, context)
        let id = try context.id(of: Conversation.self)
        async let messages = self.messages(of: [id], request, context)
        let own = try await self.part(
            "/internal/conversations/\(id)/activities",
            of: .conversationService,
            query: request.uri.query,
            context
        )
        return RawJSON(MergedPage(of: [own, try await messages], page, for: context.orgID).json)
    }

    /// Lists what happened in all conversations of a customer, the newest first.
    @Sendable private func ofCustomer(_ request: Request, context: TenantRequestContext) async throws -> RawJSON {
        let page = try Self.page(request, context)
        let id = try context.id(of: Customer.self)
        // Whether there is such a customer.
        _ = try await self.forward.get("/internal/customers/\(id)", of: .customerService, query: nil, context)
        async let own = self.part(
            "/internal/customers/\(id)/activities",
            of: .conversationService,
            query: request.uri.query,
            context
        )
        let conversations = try await self.part(
            "/internal/conversations",
            of: .conversationService,
            query: "customer_id=\(id)&limit=\(Self.mostConversations)",
            context
        ).entries.map { ID<Conversation>($0.id.uuid) }
        let messages = try await self.messages(of: conversations, request, context)
        return RawJSON(MergedPage(of: [try await own, messages], page, for: context.orgID).json)
    }

    private static func page(
        _ request: Request,
        _ context: TenantRequestContext
    ) throws(Problem) -> PageRequest<Activity> {
        var query = QueryParameters(request)
        let page = query.page(of: Activity.self, for: context.orgID)
        try query.finish()
        return page
    }

    private func messages(
        of conversations: [ID<Conversation>],
        _ request: Request,
        _ context: TenantRequestContext
    ) async throws -> MergedPage<Activity>.Part {
        guard !conversations.isEmpty else { return .init([]) }
        let filter = "conversation_id=" + conversations.map(\.description).joined(separator: ",")
        return try await self.part(
            "/internal/activities",
            of: .messagingService,
            query: [request.uri.query, filter].compactMap(\.self).joined(separator: "&"),
            context
        )
    }

    private func part(
        _ path: InternalPath,
        of service: ServiceName,
        query: String?,
        _ context: TenantRequestContext
    ) async throws -> MergedPage<Activity>.Part {
        try .init(try await self.forward.get(path, of: service, query: query, context), of: service)
    }
}
