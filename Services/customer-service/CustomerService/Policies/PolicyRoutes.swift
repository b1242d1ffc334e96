import HTTPService
import Hummingbird
import InternalAPI
import Shared

/// Routes under `/internal/policy`, which the engine calls for messages of any organizations.
struct PolicyRoutes: Sendable {
    let checkPolicy: CheckPolicy
    let releaseSends: ReleaseSends
    let countSends: CountSends

    func add(to router: some RouterMethods<ServiceRequestContext>) {
        router.post("/internal/policy/check", use: self.check)
        router.post("/internal/policy/release", use: self.release)
        router.post("/internal/policy/sends", use: self.sends)
    }

    /// Says of each message whether it may be sent to its recipient.
    ///
    /// - Errors: 400 `malformed-json`; 422 `too-many-items`; 422 `invalid-request` for an address that no channel has.
    @Sendable private func check(_ request: Request, context: ServiceRequestContext) async throws -> JSONResponse {
        let items = try await request.decodeInternal(CustomerAPI.PolicyRequest.self).items
        guard items.count <= CustomerAPI.mostPolicyItems else { throw Problem.tooManyItems }
        let violations = items.enumerated().compactMap { index, item in
            item.address.isStorable
                ? nil : Problem.Violation(pointer: "/items/\(index)/address", detail: Address.storableRule)
        }
        guard violations.isEmpty else { throw Problem.invalidRequest(violations) }
        return JSONResponse(.ok, CustomerAPI.PolicyAnswer(items: try await self.checkPolicy(items)))
    }

    /// Says what a recipient was sent within a window.
    ///
    /// - Errors: 400 `malformed-json`.
    @Sendable private func sends(_ request: Request, context: ServiceRequestContext) async throws -> JSONResponse {
        let query = try await request.decodeInternal(CustomerAPI.SendsQuery.self)
        return JSONResponse(.ok, CustomerAPI.SendsAnswer(sends: try await self.countSends(query)))
    }

    /// Takes messages out of the counts that were not sent.
    ///
    /// - Errors: 400 `malformed-json`; 422 `too-many-items`.
    @Sendable private func release(_ request: Request, context: ServiceRequestContext) async throws -> JSONResponse {
        let sends = try await request.decodeInternal(CustomerAPI.ReleaseRequest.self).sends
        guard sends.count <= CustomerAPI.mostPolicyItems else { throw Problem.tooManyItems }
        try await self.releaseSends(sends)
        return JSONResponse(.ok, CustomerAPI.Released())
    }
}
