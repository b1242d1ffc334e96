import AuditTrail
import Erasing
import HTTPService
import Hummingbird
import Logging
import Metrics
import Postgres
import Secrets
import Shared

/// The router of the public port: nobody has a token here, the webhooks' signatures are what counts.
///
/// A request's id is always ours: only internal ports take over a caller's.
func makeRouter(
    config: InboundGatewayConfig,
    postgres: PostgresPool,
    find: FindWebhookAccount,
    receive: ReceiveEvents,
    now: @escaping @Sendable () -> Timestamp,
    metrics: any MetricsFactory,
    logger: Logger
) -> Router<AppRequestContext> {
    let verify = VerifyWebhook(findAccount: find)
    let router = Router(context: AppRequestContext.self)
    router.add(middleware: RequestMetricsMiddleware())
    router.add(middleware: RequestTraceMiddleware())
    router.add(middleware: ProblemMiddleware())
    let database = HealthRoutes.Check("postgres") { try await postgres.ping() }
    HealthRoutes([database]).add(to: router)
    router.add(middleware: ComeAgainMiddleware())
    WhatsAppRoutes(
        challenge: AnswerChallenge(findAccount: find, sharedToken: config.whatsAppVerifyToken),
        receive: ReceiveWhatsApp(
            findAccount: find,
            verify: verify,
            receive: receive,
            strays: Counter(label: "inbound_events_without_account_total", dimensions: [], factory: metrics),
            logger: logger
        )
    ).add(to: router)
    AccountWebhookRoutes(
        receive: ReceiveWebhook(
            publicURL: config.publicURL,
            findAccount: find,
            verify: verify,
            receive: receive,
            now: now
        )
    ).add(to: router)
    UnsubscribeRoutes(
        tokens: UnsubscribeTokens(masterKeys: config.masterKeys),
        unsubscribe: Unsubscribe(postgres: postgres, receive: receive, now: now)
    ).add(to: router)
    return router
}

/// The router of the internal port: what an organization may know and do about its inbox.
func makeInboxRouter(
    tokens: ServiceTokens,
    postgres: PostgresPool,
    replay: ReplayEvents,
    backfill: BackfillRoutes,
    marks: AddressMarks
) -> Router<AppRequestContext> {
    let database = HealthRoutes.Check("postgres") { try await postgres.ping() }
    let router = makeInternalRouter(tokens: tokens, health: HealthRoutes([database]))
    let organizations = router.group(context: OrgRequestContext.self)
    InboxRoutes(postgres: postgres, replay: replay).add(to: organizations)
    PartRoutes(postgres: postgres).add(to: organizations)
    AuditRoutes(postgres: postgres).add(to: organizations)
    let erase = EraseEvents(postgres: postgres, marks: marks)
    ErasureRoutes { try await erase($0, for: $1) }.add(to: organizations)
    ExportEvents(postgres: postgres, marks: marks).add(to: organizations)
    backfill.add(to: organizations)
    return router
}
