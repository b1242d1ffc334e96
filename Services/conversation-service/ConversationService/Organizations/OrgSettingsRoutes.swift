import HTTPService
import Hummingbird
import InternalAPI
import Postgres
import Shared

/// The route `/internal/org-settings`, by which api-gateway tells what organizations have decided.
struct OrgSettingsRoutes: Sendable {
    let postgres: PostgresPool

    func add(to router: some RouterMethods<ServiceRequestContext>) {
        router.put("/internal/org-settings", use: self.put)
    }

    /// Takes over the settings of up to 200 organizations; older ones than those that are there change nothing.
    ///
    /// - Errors: 422 `too-many-items`.
    @Sendable private func put(_ request: Request, context: ServiceRequestContext) async throws -> JSONResponse {
        let orgs = try await request.decodeInternal(OrgSettingsRequest.self).orgs
        guard orgs.count <= OrgSettingsRequest.mostOrgs else { throw Problem.tooManyItems }
        let latest = Dictionary(orgs.map { ($0.orgID, $0) }) { $0.version > $1.version ? $0 : $1 }
        _ = try await self.postgres.answers(to: Array(latest.values), orgID: \.orgID) { orgs, connection in
            try connection.pipeline([OrgDirectory.add(orgs.map(\.orgID)), OrgSettingsStore.put(orgs)])
            return orgs.map { _ in true }
        }
        return JSONResponse(.ok, MessagingAPI.Accepted())
    }
}
