import HTTPService
import Hummingbird
import InternalAPI
import Postgres
import Shared

/// The route `/internal/customers/audience`, which messaging-service asks for the recipients of broadcasts.
struct AudienceRoutes: Sendable {
    let postgres: PostgresPool

    func add(to router: some RouterMethods<ServiceRequestContext>) {
        router.post("/internal/customers/audience", use: self.page)
    }

    /// Answers one page of the customers that groups and a filter mean.
    ///
    /// - Errors: 400 `malformed-json`; 422 `too-many-items`.
    @Sendable private func page(_ request: Request, context: ServiceRequestContext) async throws -> JSONResponse {
        let page = try await request.decodeInternal(CustomerAPI.AudiencePage.self)
        guard (0...CustomerAPI.mostAudience).contains(page.limit) else { throw Problem.tooManyItems }
        let answer = try await self.postgres.transaction(for: [page.orgID]) { connection in
            let results = try connection.pipeline([AudienceStore.known(page), AudienceStore.customers(of: page)])
            let known = Set(try results[0].map { try $0.get("id", as: ID<CustomerAPI.Audience.Group>.self) })
            return CustomerAPI.AudienceAnswer(
                customers: try results[1].map { try $0.get("id") },
                unknownGroups: page.audience.groups.filter { !known.contains($0) }
            )
        }
        return JSONResponse(.ok, answer)
    }
}
