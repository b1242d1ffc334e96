import Batching
import HTTPService
import Hummingbird
import InternalAPI
import Shared

/// The route `/internal/messages/receive`, called by inbound-gateway for any organizations.
struct ReceiveRoutes: Sendable {
    let receptions: Coalescer<ReceiveMessages.Call, [MessagingAPI.Received]>

    func add(to router: some RouterMethods<ServiceRequestContext>) {
        router.post("/internal/messages/receive", use: self.receive)
    }

    /// Stores inbound messages; what was refused with others may have been stored nevertheless, and is told so when repeated.
    ///
    /// - Errors: 422 `too-many-items`, `invalid-request` with each item that is none.
    @Sendable private func receive(_ request: Request, context: ServiceRequestContext) async throws -> JSONResponse {
        let items = try await request.decodeInternal(MessagingAPI.ReceiveRequest.self).items
        guard items.count <= DeliveryRoutes.mostPerCall else { throw Problem.tooManyItems }
        try Self.check(items)
        do {
            return JSONResponse(.ok, MessagingAPI.ReceiveAnswer(items: try await self.receptions.submit(items)))
        } catch CoalescerFailure.full {
            throw Overload()
        }
    }

    private static func check(_ items: [MessagingAPI.Receive]) throws(Problem) {
        let violations = items.enumerated().flatMap { index, item in
            var violations: [Problem.Violation] = []
            if let sender = item.message.senders.first {
                if !sender.isStorable {
                    violations.append(
                        .init(pointer: "/items/\(index)/message/senders/0", detail: Address.storableRule)
                    )
                }
            } else {
                violations.append(.init(pointer: "/items/\(index)/message/senders", detail: "must have at least one"))
            }
            let key = item.message.eventKey.utf8
            if !(1...400).contains(key.count) || key.contains(0) {
                violations.append(
                    .init(pointer: "/items/\(index)/message/eventKey", detail: "must have 1 to 400 bytes and no NUL")
                )
            }
            return violations
        }
        guard violations.isEmpty else { throw .invalidRequest(violations) }
    }
}
