package import AsyncHTTPClient
import AuditTrail
package import Configuration
import HTTPService
import InternalAPI
package import Logging
package import Metrics
import Postgres
import Providers
import Resealing
import Secrets
package import ServiceLifecycle
package import Shared

/// Everything the service needs, built in one place and in the order it starts.
package struct InboundGatewayApp: Sendable {
    /// To be run together, and shut down in the opposite order.
    package let services: [any Service]

    /// The service as it runs.
    ///
    /// - Parameters:
    ///   - reader: the environment.
    ///   - client: for calls to other services: `HTTPClient.internal()`.
    ///   - policy: when events are tried, and how long a webhook waits for its effect; another one is for tests.
    ///   - logger: of the process.
    ///   - onServerRunning: is told the public port, which matters when `http.port` is 0.
    ///   - onInboxRunning: is told the internal one.
    /// - Throws: `ConfigFailure` for a setting that is missing or wrong.
    package init(
        reader: ConfigReader,
        client: HTTPClient,
        policy: InboxPolicy = InboxPolicy(),
        logger: Logger,
        onServerRunning: @escaping @Sendable (Int) async -> Void = { _ in },
        onInboxRunning: @escaping @Sendable (Int) async -> Void = { _ in }
    ) async throws {
        let config = try await InboundGatewayConfig(reader: reader)
        let tokens = try await ServiceTokens(secret: config.serviceTokenSecret)
        let internalClient = { (service: ServiceName, url: String) in
            InternalClient(service, client: client, baseURL: url) { try await tokens.issue(as: .inboundGateway) }
        }
        try await self.init(
            reader: reader,
            peers: Peers(
                customers: CustomerAPI(client: internalClient(.customerService, config.customersURL)),
                conversations: ConversationAPI(client: internalClient(.conversationService, config.conversationsURL)),
                messaging: MessagingAPI(client: internalClient(.messagingService, config.messagingURL))
            ),
            history: TwilioHistory(baseURL: config.twilioURL, client: client),
            policy: policy,
            logger: logger,
            onServerRunning: onServerRunning,
            onInboxRunning: onInboxRunning
        )
    }

    /// The service with other peers, other times and another clock, for tests.
    package init(
        reader: ConfigReader,
        peers: Peers,
        history: any MessageHistory,
        policy: InboxPolicy,
        now: @escaping @Sendable () -> Timestamp = { .now },
        metrics: any MetricsFactory = MetricsSystem.factory,
        logger: Logger,
        onServerRunning: @escaping @Sendable (Int) async -> Void = { _ in },
        onInboxRunning: @escaping @Sendable (Int) async -> Void = { _ in }
    ) async throws {
        let config = try await InboundGatewayConfig(reader: reader)
        let postgres = PostgresPool(try await PostgresConfig(reader: reader.scoped(to: "postgres")), logger: logger)
        let clock = ContinuousClock()
        let secrets = SecretBox(masterKeys: config.masterKeys)
        let find = FindWebhookAccount(
            messaging: peers.messaging,
            postgres: postgres,
            store: WebhookAccountStore(secrets: secrets),
            cache: AccountCache(),
            refresher: AccountRefresher(),
            logger: logger,
            now: now
        )
        let measured = InboxMetrics(factory: metrics)
        let settle = SettleEvents(postgres: postgres, policy: policy, logger: logger, metrics: measured, now: now)
        let lanes = Self.lanes(peers, settle: settle)
        let receive = ReceiveEvents(postgres: postgres, lanes: lanes, policy: policy, clock: clock, metrics: measured)
        let backfill = BackfillMessages(history: history, receive: receive)
        let router = makeRouter(
            config: config,
            postgres: postgres,
            find: find,
            receive: receive,
            now: now,
            metrics: metrics,
            logger: logger
        )
        let server = makeServer(
            router: router,
            config: try await Self.serverConfig(reader.scoped(to: "http"), usualPort: 8081),
            logger: logger,
            onServerRunning: onServerRunning
        )
        let inbox = makeServer(
            router: makeInboxRouter(
                tokens: try await ServiceTokens(secret: config.serviceTokenSecret),
                postgres: postgres,
                replay: ReplayEvents(postgres: postgres, find: find, lanes: lanes),
                backfill: BackfillRoutes(postgres: postgres, find: find, backfill: backfill, now: now),
                marks: AddressMarks(masterKeys: config.masterKeys)
            ),
            config: try await Self.serverConfig(reader.scoped(to: "inbox.http"), usualPort: 8086),
            logger: logger,
            onServerRunning: onInboxRunning
        )
        let workers = lanes.map { lane in
            InboxWorker(postgres: postgres, lane: lane, policy: policy, clock: clock, logger: logger)
        }
        self.services =
            [postgres, RefreshAccounts(find: find, logger: logger)] + workers + [
                CatchUp(
                    postgres: postgres,
                    find: find,
                    backfill: backfill,
                    policy: policy,
                    clock: clock,
                    logger: logger
                ),
                InboxRetention(
                    postgres: postgres,
                    policy: policy,
                    clock: clock,
                    now: now,
                    logger: logger,
                    metrics: measured
                ),
                SampleInbox(
                    postgres: postgres,
                    lanes: lanes,
                    metrics: measured,
                    policy: policy,
                    clock: clock,
                    logger: logger
                ),
                ResealSecrets(WebhookAccountStore.sealed, postgres: postgres, secrets: secrets, logger: logger),
                SealTrails(postgres: postgres, logger: logger), inbox, server,
            ]
    }

    /// One for each kind of event that has an effect.
    private static func lanes(_ peers: Peers, settle: SettleEvents) -> [InboxLane] {
        [
            InboxLane(.report, pass: PassReports(messaging: peers.messaging), settle: settle),
            InboxLane(
                .message,
                pass: PassMessages(
                    customers: peers.customers,
                    conversations: peers.conversations,
                    messaging: peers.messaging
                ),
                settle: settle
            ),
            InboxLane(
                .optOut,
                pass: PassOptOuts(customers: peers.customers, conversations: peers.conversations),
                settle: settle
            ),
        ]
    }

    private static func serverConfig(_ reader: ConfigReader, usualPort: Int) async throws -> ServerConfig {
        guard try await reader.fetchInt(forKey: "port") == nil else { return try await ServerConfig(reader: reader) }
        return ServerConfig(host: try await reader.fetchString(forKey: "host", default: "127.0.0.1"), port: usualPort)
    }
}
