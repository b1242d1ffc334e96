package import AsyncHTTPClient
import Batching
package import Configuration
import Foundation
import HTTPService
import Hummingbird
import InternalAPI
package import Logging
import Postgres
import Secrets
package import ServiceLifecycle
import Shared

/// Everything the service needs, built in one place.
package struct MessagingApp: Sendable {
    /// In the order in which they start.
    package let services: [any Service]

    /// - Parameters:
    ///   - reader: the process's configuration; see the README for its keys.
    ///   - client: the process's one for internal calls.
    ///   - logger: the process's.
    ///   - onServerRunning: told the port, which matters when `http.port` is 0.
    /// - Throws: `ConfigFailure`, or what the reader throws for an absent or malformed value.
    package init(
        reader: ConfigReader,
        client: HTTPClient,
        logger: Logger,
        onServerRunning: @escaping @Sendable (Int) async -> Void = { _ in }
    ) async throws {
        let core = try await Core(reader: reader, client: client, logger: logger)
        let engine = Engine(core, logger: logger)
        let server = makeServer(
            router: Self.router(core, engine),
            config: try await ServerConfig(reader: reader.scoped(to: "http")),
            logger: logger,
            onServerRunning: onServerRunning
        )
        self.services = [core.postgres, core.enginePostgres] + engine.services + [server]
    }

    private static func router(_ core: Core, _ engine: Engine) -> Router<AppRequestContext> {
        let postgres = core.postgres
        let health = HealthRoutes([.init("postgres") { try await postgres.ping() }])
        let router = makeInternalRouter(tokens: core.tokens, health: health)

        let tenants = router.group(context: OrgRequestContext.self)
        MessageRoutes(
            creations: core.creations(due: engine.due, notice: engine.notice),
            dryRun: DryRunMessage(accounts: core.accounts, postgres: postgres),
            fingerprint: core.fingerprint,
            findAnswer: FindAnswer(postgres: postgres),
            postgres: postgres
        ).add(to: tenants)
        BatchRoutes(
            createMessages: core.createMessages(due: engine.due, notice: engine.notice),
            fingerprint: core.fingerprint
        ).add(to: tenants)
        AccountRoutes(
            createAccount: CreateAccount(postgres: postgres, secrets: core.secrets),
            postgres: postgres
        ).add(to: tenants)
        AuditRoutes(postgres: postgres).add(to: tenants)
        StatisticsRoutes(postgres: postgres).add(to: tenants)

        engine.routes(core).add(to: router.group(context: ServiceRequestContext.self))
        return router
    }
}

/// What both the routes and the engine stand on.
private struct Core: Sendable {
    let config: EngineConfig
    let postgres: PostgresPool
    let enginePostgres: PostgresPool
    /// Where the engine's pool connects to, for its listener.
    let engineConfig: PostgresConfig
    let tokens: ServiceTokens
    let secrets: SecretBox
    let fingerprint: Fingerprint
    let accounts: ChooseAccounts
    private let calls: PrepareMessages.Calls

    init(reader: ConfigReader, client: HTTPClient, logger: Logger) async throws {
        let secret = try await reader.fetchRequiredString(forKey: "serviceToken.secret", isSecret: true)
        let masterKey = try await reader.fetchRequiredString(forKey: "master.key", isSecret: true)
        let tokens = try await ServiceTokens(secret: secret)
        let token: @Sendable () async throws -> String = { try await tokens.issue(as: .messagingService) }
        self.config = try await EngineConfig(reader: reader.scoped(to: "engine"))
        self.postgres = PostgresPool(try await PostgresConfig(reader: reader.scoped(to: "postgres")), logger: logger)
        self.engineConfig = try await PostgresConfig(reader: reader.scoped(to: "engine.postgres"))
        self.enginePostgres = PostgresPool(self.engineConfig, logger: logger)
        self.tokens = tokens
        self.secrets = SecretBox(masterKey: try MasterKey(base64: masterKey))
        self.fingerprint = Fingerprint(secret: masterKey)
        self.accounts = ChooseAccounts(postgres: self.postgres, secrets: self.secrets)
        self.calls = PrepareMessages.Calls(
            customers: CustomerAPI(
                client: InternalClient(
                    .customerService,
                    client: client,
                    baseURL: try await reader.fetchRequiredString(forKey: "customers.url"),
                    token: token
                )
            ),
            conversations: ConversationAPI(
                client: InternalClient(
                    .conversationService,
                    client: client,
                    baseURL: try await reader.fetchRequiredString(forKey: "conversations.url"),
                    token: token
                )
            )
        )
    }

    func createMessages(due: DueWork, notice: OutboxNotice) -> CreateMessages {
        CreateMessages(
            postgres: self.postgres,
            prepare: PrepareMessages(accounts: self.accounts, calls: self.calls),
            due: due,
            notice: notice
        )
    }

    /// Single creates, written together with those that arrive at the same time.
    func creations(due: DueWork, notice: OutboxNotice) -> Coalescer<CreateRequest, CreateAnswer> {
        let createMessages = self.createMessages(due: due, notice: notice)
        return Coalescer(
            maximumBatch: self.config.createBatch,
            maximumConcurrentBatches: self.config.createBatches,
            waitingLimit: EngineConfig.waitingCreates
        ) { requests in
            await createMessages(requests)
        }
    }
}

/// What moves messages: due work, leases, settlement, and what is done on its own.
private struct Engine: Sendable {
    let due = DueWork()
    let notice = OutboxNotice(replica: UUID().uuidString)
    let settle: SettleMessages
    let endLeases: EndLeases
    let services: [any Service]
    private let logger: Logger

    init(_ core: Core, logger: Logger) {
        self.logger = logger
        self.settle = SettleMessages(postgres: core.postgres, due: self.due, hold: core.config.uncertainHold)
        self.endLeases = EndLeases(engine: core.enginePostgres, settle: self.settle)
        let probe = ProbeDueWork(engine: core.enginePostgres, due: self.due, clock: ContinuousClock(), logger: logger)
        let replica = self.notice.replica
        self.services = [
            probe,
            PostgresListenerService(core.engineConfig, channels: [OutboxNotice.channel], logger: logger) { event in
                if case .notification(let notification) = event, notification.payload == replica { return }
                await probe.lookAgain()
            },
            Maintenance(
                endLeases: self.endLeases,
                releaseUncertain: ReleaseUncertain(
                    engine: core.enginePostgres,
                    postgres: core.postgres,
                    due: self.due
                ),
                reapIdempotencyKeys: ReapIdempotencyKeys(engine: core.enginePostgres),
                clock: ContinuousClock(),
                logger: logger
            ),
        ]
    }

    func routes(_ core: Core) -> DeliveryRoutes {
        DeliveryRoutes(
            leaseMessages: LeaseMessages(
                postgres: core.postgres,
                due: self.due,
                endLeases: self.endLeases,
                secrets: core.secrets,
                leaseTime: core.config.leaseTime,
                logger: self.logger
            ),
            settleMessages: self.settle,
            applyReports: ApplyReports(postgres: core.postgres, due: self.due, settle: self.settle),
            endLeases: self.endLeases,
            findWebhookAccount: FindWebhookAccount(postgres: core.postgres, secrets: core.secrets),
            postgres: core.postgres
        )
    }
}
