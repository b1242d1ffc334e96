import HTTPService
import Hummingbird
import InternalAPI
import Shared

/// Sends a draft to customers: a broadcast of its template.
struct SendDraft: Sendable {
    /// Look-ups of customers at once.
    private static let lookUps = 8

    let forward: ForwardRequest

    /// The broadcast, which has begun.
    ///
    /// - Throws: 404 `not-found` for a draft that there is not; 422 `invalid-request` for customers that there are not.
    func callAsFunction(
        _ recipients: DraftRecipients,
        _ request: Request,
        _ context: TenantRequestContext
    ) async throws -> InternalAnswer {
        let id = recipients.messageID
        let draft = try await self.forward.json("/internal/templates/\(id)", of: .messagingService, context)
        let customers = try await self.customers(recipients.names, context)
        let broadcast: JSONValue = [
            "name": draft["code"] ?? .null, "channel": draft["channel"] ?? .null,
            "template": ["code": draft["code"] ?? .null, "language": draft["language"] ?? .null],
            "recipients": .array(customers.map { ["customer_id": .text($0)] }),
        ]
        return try await self.forward.post(
            "/internal/broadcasts",
            broadcast,
            of: .messagingService,
            naming: ["/channel": "/message_id", "/template": "/message_id"],
            for: request,
            context
        )
    }

    private func customers(
        _ names: [DraftRecipients.Name],
        _ context: TenantRequestContext
    ) async throws -> [CustomerID] {
        var found: [DraftRecipients.Name: CustomerID] = [:]
        for start in stride(from: 0, to: names.count, by: Self.lookUps) {
            try await withThrowingTaskGroup(of: (DraftRecipients.Name, CustomerID?).self) { tasks in
                for name in names[start...].prefix(Self.lookUps) {
                    tasks.addTask { (name, try await self.customer(name.text, context)) }
                }
                for try await (name, id) in tasks { found[name] = id }
            }
        }
        let unknown = names.filter { found[$0] == nil }
        guard unknown.isEmpty else {
            throw Problem.invalidRequest(
                unknown.prefix(50).map { .init(pointer: $0.pointer, detail: "is no customer of yours") }
            )
        }
        return names.compactMap { found[$0] }
    }

    /// A customer by our id, or by the caller's own, which we know as an identity of the kind `external`.
    private func customer(_ name: String, _ context: TenantRequestContext) async throws -> CustomerID? {
        if let id = CustomerID(name) { return id }
        let page = try await self.forward.json(
            "/internal/customers",
            of: .customerService,
            query: "limit=1&external_id=\(name.queryEncoded)",
            context
        )
        return page["data"]?[0]?["id"]?.string.flatMap { CustomerID($0) }
    }
}
