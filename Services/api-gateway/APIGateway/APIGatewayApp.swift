package import AsyncHTTPClient
import AuditTrail
package import Configuration
import HTTPService
import Hummingbird
import Idempotency
import InternalAPI
package import Logging
import Postgres
package import ServiceLifecycle
import Shared

/// Everything the service needs, built in one place and in the order it starts.
package struct APIGatewayApp: Sendable {
    /// A route as the document names it: `POST /api/v1/messages`, `GET /api/v1/messages/{id}`.
    package struct Route: Sendable, Hashable {
        package let method: String
        package let path: String

        package init(method: String, path: String) {
            self.method = method
            self.path = path
        }
    }

    /// To be run together, and shut down in the opposite order.
    package let services: [any Service]
    /// What the service answers, methods that are refused left out.
    package let routes: [Route]
    /// Creates that wait to be passed on together; for tests.
    package let waitingCreates: @Sendable () -> Int

    /// The service as it runs.
    ///
    /// - Parameters:
    ///   - reader: the environment.
    ///   - client: for calls to other services: `HTTPClient.internal()`.
    ///   - logger: of the process.
    ///   - time: the clocks.
    ///   - deadlines: for other services.
    ///   - waitingCreates: how many creates may wait to be passed on together.
    ///   - onServerRunning: is told the port, which matters when `http.port` is 0.
    ///   - onWatchedRunning: is told the internal one.
    /// - Throws: `ConfigFailure` for a setting that is missing or wrong.
    package init(
        reader: ConfigReader,
        client: HTTPClient,
        logger: Logger,
        time: GatewayTime = GatewayTime(),
        deadlines: ForwardDeadlines = ForwardDeadlines(),
        waitingCreates: Int = GatherCreates.waiting,
        onServerRunning: @escaping @Sendable (Int) async -> Void = { _ in },
        onWatchedRunning: @escaping @Sendable (Int) async -> Void = { _ in }
    ) async throws {
        let config = try await APIGatewayConfig(reader: reader)
        let tokens = try await ServiceTokens(secret: config.serviceTokenSecret)
        let postgres = PostgresPool(try await PostgresConfig(reader: reader.scoped(to: "postgres")), logger: logger)
        let internalClient = { (service: ServiceName, url: String) in
            InternalClient(service, client: client, baseURL: url) { try await tokens.issue(as: .apiGateway) }
        }
        let messaging = internalClient(.messagingService, config.messagingURL)
        let clients = Dictionary(uniqueKeysWithValues: config.services.map { ($0, internalClient($0, $1)) })
        let keys = KeyDirectory(postgres: postgres, time: time)
        let uses = KeyUses(postgres: postgres, clock: ContinuousClock(), logger: logger)
        let shares = BucketShares(postgres: postgres, time: time, logger: logger)
        let pushOrgs = OrgPushReceiver.allCases.compactMap { receiver in
            clients[receiver.service].map { client in
                PushOrgs(
                    receiver: receiver,
                    postgres: postgres,
                    api: OrgSettingsAPI(client: client),
                    patience: deadlines.push,
                    logger: logger
                )
            }
        }
        let erasers = ErasurePart.allCases.compactMap { part in
            clients[part.service].map { (part, ErasureAPI(client: $0)) }
        }
        let customers = ErasureAPI(
            client: internalClient(.customerService, config.services[.customerService] ?? "")
        )
        let gatherCreates = GatherCreates(
            messaging: MessagingAPI(client: messaging),
            deadline: deadlines.ordinary,
            waiting: waitingCreates,
            logger: logger
        )
        self.waitingCreates = { gatherCreates.waitingCount }
        let router = makeGatewayRouter(
            Self.parts(
                config: config,
                postgres: postgres,
                forward: ForwardRequest(
                    clients: clients,
                    deadlines: deadlines,
                    askEverything: AskEverything(messaging: messaging, deadlines: deadlines),
                    gatherCreates: gatherCreates
                ),
                pushOrgs: pushOrgs,
                startErasure: StartErasure(postgres: postgres, customers: customers),
                keys: keys,
                uses: uses,
                shares: shares,
                conversations: internalClient(.conversationService, config.services[.conversationService] ?? ""),
                time: time
            )
        )
        self.routes = router.routes.map { Route(method: $0.method.rawValue, path: $0.path.description) }
        let server = makeServer(
            router: router,
            config: try await ServerConfig(reader: reader.scoped(to: "http")),
            otherMethods: .explained,
            shedding: gatherCreates.shedding,
            logger: logger,
            onServerRunning: onServerRunning
        )
        let missed = pushOrgs.map { pushOrgs in
            PushMissedOrgs(pushOrgs: pushOrgs, postgres: postgres, clock: ContinuousClock(), logger: logger)
        }
        let erasures = RunErasures(
            erase: EraseCustomer(
                postgres: postgres,
                apis: Dictionary(uniqueKeysWithValues: erasers),
                logger: logger
            ),
            postgres: postgres,
            clock: ContinuousClock(),
            logger: logger
        )
        let watched = try await Self.watched(
            reader.scoped(to: "internal.http"),
            postgres: postgres,
            logger: logger,
            onServerRunning: onWatchedRunning
        )
        self.services =
            [postgres, uses, shares] + missed + [erasures, SealTrails(postgres: postgres, logger: logger)] + watched
            + [server]
    }

    /// The port of those who watch: the public one has no metrics; none where none is set.
    private static func watched(
        _ reader: ConfigReader,
        postgres: PostgresPool,
        logger: Logger,
        onServerRunning: @escaping @Sendable (Int) async -> Void
    ) async throws -> [any Service] {
        guard try await reader.fetchInt(forKey: "port") != nil else { return [] }
        let database = HealthRoutes.Check("postgres") { try await postgres.ping() }
        return [
            makeServer(
                router: makeWatchedRouter(health: HealthRoutes([database])),
                config: try await ServerConfig(reader: reader),
                logger: logger,
                onServerRunning: onServerRunning
            )
        ]
    }

    private static func parts(
        config: APIGatewayConfig,
        postgres: PostgresPool,
        forward: ForwardRequest,
        pushOrgs: [PushOrgs],
        startErasure: StartErasure,
        keys: KeyDirectory,
        uses: KeyUses,
        shares: BucketShares,
        conversations: InternalClient,
        time: GatewayTime
    ) -> GatewayParts {
        let createOnce = CreateOnce(
            postgres: postgres,
            fingerprint: config.pepper.fingerprint,
            upkeep: .creates,
            box: config.pepper.answers
        )
        return GatewayParts(
            proxies: config.proxies,
            operatorKey: config.operatorKey,
            verifyKey: VerifyKey(pepper: config.pepper, keys: keys, time: time),
            uses: uses,
            guesses: GuessLimits(now: time.now),
            shares: shares,
            rateLimit: config.rateLimit,
            keys: keys,
            forward: forward,
            orgRoutes: OrgRoutes(
                createOrg: CreateOrg(createOnce: createOnce, pushOrgs: pushOrgs),
                updateOrg: UpdateOrg(postgres: postgres, keys: keys, pushOrgs: pushOrgs),
                postgres: postgres
            ),
            keyRoutes: KeyRoutes(
                createOnce: createOnce,
                createKey: CreateKey(pepper: config.pepper),
                rotateKey: RotateKey(pepper: config.pepper),
                updateKey: UpdateKey(postgres: postgres, keys: keys),
                revokeKey: RevokeKey(postgres: postgres, keys: keys),
                keys: keys,
                postgres: postgres,
                time: time
            ),
            auditRoutes: MergedAuditRoutes(postgres: postgres, forward: forward),
            verificationRoutes: VerificationRoutes(postgres: postgres, forward: forward),
            timelineRoutes: TimelineRoutes(forward: forward),
            erasureRoutes: ErasureRoutes(start: startErasure, postgres: postgres),
            documentRoutes: DocumentRoutes(),
            storeInbound: StoreInboundMessage(
                forward: forward,
                conversations: ConversationAPI(client: conversations),
                messages: MessagingAPI(client: forward.askEverything.messaging),
                time: time
            ),
            postgres: postgres,
            time: time
        )
    }
}
