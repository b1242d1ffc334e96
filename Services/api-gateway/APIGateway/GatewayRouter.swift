import HTTPService
import Hummingbird
import Logging
import Postgres
import Shared

/// What the routes are made of.
struct GatewayParts: Sendable {
    let operatorKey: OperatorKey
    let verifyKey: VerifyKey
    let uses: KeyUses
    let keys: KeyDirectory
    let forward: ForwardRequest
    let orgRoutes: OrgRoutes
    let keyRoutes: KeyRoutes
    let auditRoutes: MergedAuditRoutes
    let verificationRoutes: VerificationRoutes
    let timelineRoutes: TimelineRoutes
    let erasureRoutes: ErasureRoutes
    let documentRoutes: DocumentRoutes
    let postgres: PostgresPool
    let time: GatewayTime
}

/// The router of the public port: health and document for everyone, all else for the holders of keys.
func makeGatewayRouter(_ parts: GatewayParts) -> Router<GatewayRequestContext> {
    let router = Router(context: GatewayRequestContext.self)
    router.add(middleware: RequestTraceMiddleware())
    router.add(middleware: ProblemMiddleware())
    router.add(middleware: MethodOverrideMiddleware())
    let database = HealthRoutes.Check("postgres") { _ = try await parts.postgres.run { try $0.query("SELECT 1") } }
    HealthRoutes([database]).add(to: router)
    parts.documentRoutes.add(to: router)

    let api = router.group("/api/v1")
    api.add(
        middleware: CallerMiddleware(
            operatorKey: parts.operatorKey,
            verifyKey: parts.verifyKey,
            uses: parts.uses,
            time: parts.time
        )
    )
    let operators = api.group(context: OperatorRequestContext.self)
    parts.orgRoutes.add(to: operators)
    parts.keyRoutes.add(to: operators)
    parts.erasureRoutes.add(to: operators)
    parts.forward.askEverything.add(to: operators)

    let shared = api.group()
    shared.add(middleware: TenantMiddleware(keys: parts.keys, unnamed: .everything))
    shared.add(parts.forward.sharedRoutes)

    let known = api.group()
    known.add(middleware: TenantMiddleware(keys: parts.keys, unnamed: .refused))
    known.group(context: TenantRequestContext.self)
        .add(
            parts.orgRoutes.routes + parts.keyRoutes.routes + parts.auditRoutes.routes
                + parts.verificationRoutes.routes + parts.timelineRoutes.routes + parts.erasureRoutes.routes
                + ExportRoutes(forward: parts.forward, postgres: parts.postgres).routes
                + DeleteCustomerRoutes(forward: parts.forward).routes + parts.forward.routes
        )
    return router
}
