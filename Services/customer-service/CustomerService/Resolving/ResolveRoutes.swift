import HTTPService
import Hummingbird
import InternalAPI
import Shared

/// Routes under `/internal/customers` that services call for themselves, for any organizations.
struct ResolveRoutes: Sendable {
    /// Items in one call: as many as a batch of messages has.
    static let mostItems = Limits.batchMessages

    let resolveCustomers: ResolveCustomers

    func add(to router: some RouterMethods<ServiceRequestContext>) {
        router.post("/internal/customers/resolve", use: self.resolve)
    }

    /// Finds the customer of each address, and makes those that are missing.
    ///
    /// - Errors: 400 `malformed-json`; 422 `too-many-items`; 422 `invalid-request` for an address that no channel has.
    @Sendable private func resolve(_ request: Request, context: ServiceRequestContext) async throws -> JSONResponse {
        let items = try await request.decodeInternal(CustomerAPI.ResolveRequest.self).items
        guard items.count <= Self.mostItems else { throw Problem.tooManyItems }
        try Self.check(items)
        return JSONResponse(.ok, CustomerAPI.ResolveAnswer(items: try await self.resolveCustomers(items)))
    }

    private static func check(_ items: [CustomerAPI.Resolve]) throws(Problem) {
        let violations = items.enumerated().compactMap { index, item -> Problem.Violation? in
            guard case .address(_, let address) = item, !address.isStorable else { return nil }
            return Problem.Violation(pointer: "/items/\(index)/address", detail: Address.storableRule)
        }
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
