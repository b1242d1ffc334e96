import HTTPService
import Hummingbird
import InternalAPI
import Shared

/// The route `/internal/customers/values`, which messaging-service calls for messages of any organizations.
struct ValueRoutes: Sendable {
    let customerValues: CustomerValues

    func add(to router: some RouterMethods<ServiceRequestContext>) {
        router.post("/internal/customers/values", use: self.answer)
    }

    /// Says what is known of customers, as far as templates ask for it.
    ///
    /// - Errors: 400 `malformed-json`; 422 `too-many-items`; 422 `invalid-request` for an address that no channel has.
    @Sendable private func answer(_ request: Request, context: ServiceRequestContext) async throws -> JSONResponse {
        let items = try await request.decodeInternal(CustomerAPI.ValuesRequest.self).items
        guard items.count <= ResolveRoutes.mostItems else { throw Problem.tooManyItems }
        let violations = items.enumerated().compactMap { index, item -> Problem.Violation? in
            guard case .address(let address) = item.whom, !address.isStorable else { return nil }
            return .init(pointer: "/items/\(index)/whom", detail: Address.storableRule)
        }
        guard violations.isEmpty else { throw Problem.invalidRequest(violations) }
        return JSONResponse(.ok, CustomerAPI.ValuesAnswer(items: try await self.customerValues(items)))
    }
}
