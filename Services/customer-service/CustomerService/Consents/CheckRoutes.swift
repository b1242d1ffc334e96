import HTTPService
import Hummingbird
import InternalAPI
import Shared

/// The route `/internal/consents/check`, which the engine calls for messages of any organizations.
struct CheckRoutes: Sendable {
    let checkConsents: CheckConsents

    func add(to router: some RouterMethods<ServiceRequestContext>) {
        router.post("/internal/consents/check", use: self.check)
    }

    /// Says of each message whether its recipient wants it.
    ///
    /// - Errors: 400 `malformed-json`; 422 `too-many-items`; 422 `invalid-request` for an address that no channel has.
    @Sendable private func check(_ request: Request, context: ServiceRequestContext) async throws -> JSONResponse {
        let items = try await request.decodeInternal(CustomerAPI.ConsentCheckRequest.self).items
        guard items.count <= ResolveRoutes.mostItems else { throw Problem.tooManyItems }
        let violations = items.enumerated().compactMap { index, item in
            item.address.isStorable
                ? nil : Problem.Violation(pointer: "/items/\(index)/address", detail: Address.storableRule)
        }
        guard violations.isEmpty else { throw Problem.invalidRequest(violations) }
        return JSONResponse(.ok, CustomerAPI.ConsentCheckAnswer(items: try await self.checkConsents(items)))
    }
}
