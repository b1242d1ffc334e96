import HTTPService
import Hummingbird
import InternalAPI
import Shared

/// The route `/internal/customers/receive`, which the inbound-gateway calls for itself, for any organizations.
struct InboundRoutes: Sendable {
    /// Addresses of one sender: more than any provider tells.
    static let senders = 1...10
    /// Bytes of an event key; the table checks the same.
    static let eventKeyBytes = 1...400

    let receiveMessages: ReceiveMessages

    func add(to router: some RouterMethods<ServiceRequestContext>) {
        router.post("/internal/customers/receive", use: self.receive)
    }

    /// Finds the sender of each message, and records what its keyword says.
    ///
    /// - Errors: 400 `malformed-json`; 422 `too-many-items`; 422 `invalid-request` for an item without senders or an event
    ///   key, or with an address that no channel has.
    @Sendable private func receive(_ request: Request, context: ServiceRequestContext) async throws -> JSONResponse {
        let items = try await request.decodeInternal(CustomerAPI.ReceiveRequest.self).items
        guard items.count <= ResolveRoutes.mostItems else { throw Problem.tooManyItems }
        let violations = items.enumerated().flatMap { index, item in item.violations(at: "/items/\(index)") }
        guard violations.isEmpty else { throw Problem.invalidRequest(violations) }
        return JSONResponse(.ok, CustomerAPI.ReceiveAnswer(items: try await self.receiveMessages(items)))
    }
}

extension CustomerAPI.Receive {
    fileprivate func violations(at pointer: String) -> [Problem.Violation] {
        var violations: [Problem.Violation] = []
        if !InboundRoutes.senders.contains(self.senders.count) {
            violations.append(.init(pointer: "\(pointer)/senders", detail: "must have 1 to 10 elements"))
        }
        for (index, sender) in self.senders.enumerated() where !sender.isStorable {
            violations.append(.init(pointer: "\(pointer)/senders/\(index)", detail: Address.storableRule))
        }
        let key = self.eventKey.utf8
        if !InboundRoutes.eventKeyBytes.contains(key.count) || key.contains(0) {
            violations.append(.init(pointer: "\(pointer)/eventKey", detail: "must have 1 to 400 bytes and no NUL"))
        }
        return violations
    }
}
