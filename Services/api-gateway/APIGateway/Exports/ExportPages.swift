import HTTPService
import InternalAPI
import NIOCore
import Shared

/// What the services have of a customer, in the order of the document, a page at a time.
struct ExportPages: Sendable {
    /// The members of the document that have many elements; raw values are their names.
    enum Section: String, CaseIterable {
        case consentHistory = "consent_history"
        case conversations
        case conversationActivities = "conversation_activities"
        case messageActivities = "message_activities"
        case messages
        case archivedMessages = "archived_messages"
        case inboundEvents = "inbound_events"
    }

    let id: CustomerID
    let orgID: OrgID
    private let ids: [CustomerID]
    private let marks: [String]
    let exportedAt = Timestamp.now
    private let forward: ForwardRequest
    private let context: TenantRequestContext

    /// Of what customer-service says of the customer.
    init(_ profile: JSONValue, forward: ForwardRequest, _ context: TenantRequestContext) {
        let own = profile["customer"]?["id"]?.string.flatMap { CustomerID($0) }
        self.id = own ?? .first(at: .epoch)
        let merged = profile["merged_ids"]?.array ?? []
        self.ids = [self.id] + merged.compactMap { $0.string.flatMap { CustomerID($0) } }
        self.marks = (profile["address_marks"]?.array ?? []).compactMap(\.string)
        (self.orgID, self.forward, self.context) = (context.orgID, forward, context)
    }

    /// - Throws: `Problem.unavailable` for a service that does not answer.
    func checkServices() async throws {
        async let conversations = self.page("/internal/conversations", .conversationService, "limit=1")
        async let messages = self.page("/internal/messages", .messagingService, "limit=1")
        async let events = self.page("/internal/webhook-events", .inboundGateway, "limit=1")
        _ = try await (conversations, messages, events)
    }

    /// Where the elements of a section come from, one after the other.
    fileprivate enum Source: Sendable {
        case list(InternalPath, ServiceName, String)
        /// Those that inbound-gateway finds by the customer's addresses.
        case events
    }

    /// The pages of a section.
    func walk(_ section: Section) async throws -> ExportWalk {
        let sources: [Source]
        switch section {
        case .consentHistory:
            sources = [.list("/internal/customers/\(self.id)/consents/history", .customerService, "limit=200")]
        case .conversations: sources = self.conversations
        case .conversationActivities:
            sources = self.ids.map { id in
                .list("/internal/customers/\(id)/activities", .conversationService, "limit=200")
            }
        case .messageActivities:
            var walk = ExportWalk(pages: self, sources: self.conversations)
            var ids: [String] = []
            while let elements = try await walk.next() { ids += elements.compactMap { $0["id"]?.string } }
            sources = ids.map { .list("/internal/activities", .messagingService, "limit=200&conversation_id=\($0)") }
        case .messages:
            sources = self.ids.map {
                .list("/internal/exports/messages", .messagingService, "limit=50&customer_id=\($0)")
            }
        case .archivedMessages:
            let ids = self.ids.map(\.description).joined(separator: ",")
            sources = [.list("/internal/exports/archive", .messagingService, "customer_id=\(ids)")]
        case .inboundEvents: sources = [.events]
        }
        return ExportWalk(pages: self, sources: sources)
    }

    private var conversations: [Source] {
        self.ids.map { .list("/internal/conversations", .conversationService, "limit=200&customer_id=\($0)") }
    }

    fileprivate func page(
        of source: Source,
        after cursor: String?
    ) async throws -> (elements: [JSONValue], next: String?) {
        switch source {
        case .list(let path, let service, let query):
            try await self.page(path, service, query + (cursor.map { "&cursor=\($0)" } ?? ""))
        case .events: try await self.events(after: cursor)
        }
    }

    private func events(after cursor: String?) async throws -> (elements: [JSONValue], next: String?) {
        guard let client = self.forward.clients[.inboundGateway] else {
            throw Problem.unavailable(ServiceName.inboundGateway.rawValue)
        }
        let answer: JSONValue = try await client.post(
            "/internal/exports/events",
            ErasureRequest(customerIDs: self.ids, marks: self.marks, before: self.exportedAt, cursor: cursor),
            as: self.context.tenancy.acting,
            repeatable: true,
            deadline: self.forward.deadlines.batch
        )
        guard let elements = answer["data"]?.array else {
            throw Problem.unavailable(ServiceName.inboundGateway.rawValue)
        }
        return (elements, answer["next_cursor"]?.string)
    }

    private func page(
        _ path: InternalPath,
        _ service: ServiceName,
        _ query: String
    ) async throws -> (elements: [JSONValue], next: String?) {
        let answer = try await self.forward.json(path, of: service, query: query, self.context)
        guard let elements = answer["data"]?.array else { throw Problem.unavailable(service.rawValue) }
        return (elements, answer["next_cursor"]?.string)
    }
}

/// Goes through the pages of a section; a page may be empty, and followed by others.
struct ExportWalk: Sendable {
    private let pages: ExportPages
    private var sources: ArraySlice<ExportPages.Source>
    private var cursor: String?

    fileprivate init(pages: ExportPages, sources: [ExportPages.Source]) {
        (self.pages, self.sources) = (pages, sources[...])
    }

    /// Nil after the last page.
    mutating func next() async throws -> [JSONValue]? {
        guard let source = self.sources.first else { return nil }
        let page = try await self.pages.page(of: source, after: self.cursor)
        self.cursor = page.next
        if page.next == nil { self.sources.removeFirst() }
        return page.elements
    }
}

extension ForwardRequest {
    /// What a service answers, as JSON.
    ///
    /// - Throws: the problem that it answers.
    func json(
        _ path: InternalPath,
        of service: ServiceName,
        query: String? = nil,
        _ context: TenantRequestContext
    ) async throws -> JSONValue {
        let answer = try await self.get(path, of: service, query: query, context)
        return try JSONValue(parsing: Array(answer.body.readableBytesView))
    }
}
