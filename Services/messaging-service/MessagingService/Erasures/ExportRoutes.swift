import HTTPService
import Hummingbird
import Postgres
import Shared

/// What messaging-service has of a customer, page by page, for the export that the api-gateway puts together.
struct ExportRoutes: Sendable {
    let postgres: PostgresPool
    /// Nil where nothing is archived.
    let archive: ArchiveDirectory?

    func add(to router: some RouterMethods<OrgRequestContext>) {
        router.get("/internal/exports/messages", use: self.messages)
        router.get("/internal/exports/archive", use: self.archived)
    }

    /// Lists the messages of one customer with their attempts and reports, the newest first.
    @Sendable private func messages(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        let orgID = context.orgID
        var query = QueryParameters(request)
        let page = query.page(of: Message.self, for: orgID)
        let filter = MessageFilter(customerID: try query.requiredCustomer())
        try query.finish()
        let messages = try await self.postgres.transaction(for: [orgID]) { connection in
            let store = MessageStore(orgID: orgID)
            let found = try store.list(filter, before: page.after, limit: page.limit + 1, on: connection)
            return try ArchivedMessage.read(found.map(\.id), of: orgID, on: connection).sorted { $0.id > $1.id }
        }
        return RawJSON(page.json(of: messages, for: orgID, id: \.id) { (try? JSONValue(parsing: $0.line)) ?? .null })
    }

    /// Lists the messages of some customers in the next file of the archive; there may be none in it, and more in the next one.
    @Sendable private func archived(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        var query = QueryParameters(request)
        let lines = CustomerLines(customers: query.ids("customer_id", of: Customer.self) ?? [])
        let last = query.string("cursor")
        try query.finish()
        guard let archive else { return RawJSON(["data": [], "next_cursor": .null]) }
        // On a connection's thread: reading blocks.
        let page = try await self.postgres.run { _ in try archive.next(after: last, of: context.orgID, lines) }
        return RawJSON(["data": .array(page?.messages ?? []), "next_cursor": .text(page?.name)])
    }
}

extension QueryParameters {
    /// - Throws: `Problem` `invalid-request` where it is missing.
    fileprivate mutating func requiredCustomer() throws(Problem) -> CustomerID {
        guard let id = self.id("customer_id", of: Customer.self) else {
            throw .invalidRequest([.init(pointer: "?customer_id", detail: "is required")])
        }
        return id
    }
}
