import HTTPService
import Hummingbird
import Logging
import Postgres
import Shared

/// What the routes are made of.
struct GatewayParts: Sendable {
    let proxies: TrustedProxies
    let operatorKey: OperatorKey
    let verifyKey: VerifyKey
    let uses: KeyUses
    let guesses: GuessLimits
    let shares: BucketShares
    /// Of organizations that have none of their own.
    let rateLimit: RateLimit
    let keys: KeyDirectory
    let forward: ForwardRequest
    let orgRoutes: OrgRoutes
    let keyRoutes: KeyRoutes
    let auditRoutes: MergedAuditRoutes
    let verificationRoutes: VerificationRoutes
    let timelineRoutes: TimelineRoutes
    let erasureRoutes: ErasureRoutes
    let documentRoutes: DocumentRoutes
    let storeInbound: StoreInboundMessage
    let postgres: PostgresPool
    let time: GatewayTime
}

/// The router of the public port: health and document for everyone, all else for the holders of keys.
func makeGatewayRouter(_ parts: GatewayParts) -> Router<GatewayRequestContext> {
    let router = Router(context: GatewayRequestContext.self, options: .autoGenerateHeadEndpoints)
    router.add(middleware: RequestMetricsMiddleware())
    router.add(middleware: RequestTraceMiddleware())
    router.add(middleware: ClientMiddleware(proxies: parts.proxies))
    router.add(middleware: ProblemMiddleware())
    router.add(middleware: MethodOverrideMiddleware())
    let database = HealthRoutes.Check("postgres") { _ = try await parts.postgres.run { try $0.query("SELECT 1") } }
    HealthRoutes([database]).add(to: router)
    parts.documentRoutes.add(to: router)

    let api = router.group("/api/v1")
    parts.protect(api)
    let operators = api.group(context: OperatorRequestContext.self)
    parts.orgRoutes.add(to: operators)
    parts.keyRoutes.add(to: operators)
    parts.erasureRoutes.add(to: operators)
    parts.forward.askEverything.add(to: operators)
    RestoreRoutes(askEverything: parts.forward.askEverything).add(to: operators)

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
                + FormerOutboxRoutes(forward: parts.forward).routes
        )

    let former = router.group("/api/messages")
    parts.protect(former)
    former.add(middleware: TenantMiddleware(keys: parts.keys, unnamed: .refused))
    former.group(context: TenantRequestContext.self)
        .add(FormerMessageRoutes(forward: parts.forward, storeInbound: parts.storeInbound).routes)
    return router
}

extension GatewayParts {
    /// What stands before every route that needs a key.
    fileprivate func protect(_ group: RouterGroup<GatewayRequestContext>) {
        group.add(
            middleware: CallerMiddleware(
                operatorKey: self.operatorKey,
                verifyKey: self.verifyKey,
                uses: self.uses,
                guesses: self.guesses,
                time: self.time
            )
        )
        group.add(middleware: RateLimitMiddleware(shares: self.shares, ordinary: self.rateLimit))
        group.add(middleware: AnswerFormMiddleware())
        // Once more, so that refusals too show how much of a limit is left.
        group.add(middleware: ProblemMiddleware())
    }
}
