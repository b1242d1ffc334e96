package import HTTPService
package import Hummingbird
package import InternalAPI

/// The route `/internal/erasures` of every service that keeps something of customers.
package struct ErasureRoutes: Sendable {
    package typealias Erase = @Sendable (ErasureRequest, OrgRequestContext) async throws -> ErasureAnswer

    private let erase: Erase

    package init(erase: @escaping Erase) {
        self.erase = erase
    }

    package func add(to router: some RouterMethods<OrgRequestContext>) {
        router.post("/internal/erasures", use: self.erase)
    }

    /// Erases a part of what there is of a customer: 200 with where it goes on.
    ///
    /// - Errors: 400 `malformed-json`.
    @Sendable private func erase(_ request: Request, context: OrgRequestContext) async throws -> JSONResponse {
        JSONResponse(.ok, try await self.erase(try await request.decodeInternal(ErasureRequest.self), context))
    }
}
