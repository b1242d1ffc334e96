import HTTPService
import Hummingbird
import InternalAPI
import Postgres
import Shared

/// What workers tell about accounts' credentials.
struct CheckRoutes: Sendable {
    let postgres: PostgresPool

    func add(to router: some RouterMethods<ServiceRequestContext>) {
        router.post("/internal/account-checks", use: self.tell)
    }

    /// Stores what providers said.
    ///
    /// - Errors: 422 `too-many-items`.
    @Sendable private func tell(_ request: Request, context: ServiceRequestContext) async throws -> JSONResponse {
        let findings = try await request.decodeInternal(MessagingAPI.CheckReport.self).findings
        guard findings.count <= DeliveryRoutes.mostPerCall else { throw Problem.tooManyItems }
        if !findings.isEmpty {
            try await self.postgres.transaction(for: Array(Set(findings.map(\.orgID)))) { connection in
                _ = try connection.pipeline(findings.map { CheckStore.end($0) })
            }
        }
        return JSONResponse(.ok, MessagingAPI.Accepted())
    }
}
