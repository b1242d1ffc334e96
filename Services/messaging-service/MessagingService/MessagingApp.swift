package import AsyncHTTPClient
import AuditTrail
import Batching
package import Configuration
import Erasing
import Foundation
import HTTPService
import Hummingbird
import Idempotency
import InternalAPI
package import Logging
import Postgres
import Providers
import Resealing
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
        if core.config.uncertainHold < core.config.leaseTime {
            // A worker that stood still may go on with a lease whose message was sent again meanwhile.
            logger.warning("ENGINE_UNCERTAIN_HOLD is shorter than ENGINE_LEASE_TIME: messages may be sent twice")
        }
        let engine = Engine(core, logger: logger)
        let server = makeServer(
            router: Self.router(core, engine),
            config: try await ServerConfig(reader: reader.scoped(to: "http")),
            logger: logger,
            onServerRunning: onServerRunning
        )
        self.services =
            [core.postgres, core.enginePostgres] + engine.services
            + [
                ResealSecrets(
                    AccountStore.credentials,
                    postgres: core.postgres,
                    secrets: core.secrets,
                    logger: logger
                ),
                SealTrails(postgres: core.postgres, logger: logger), server,
            ]
    }

    private static func router(_ core: Core, _ engine: Engine) -> Router<AppRequestContext> {
        let postgres = core.postgres
        let health = HealthRoutes([.init("postgres") { try await postgres.ping() }])
        let router = makeInternalRouter(tokens: core.tokens, health: health)

        let tenants = router.group(context: OrgRequestContext.self)
        let submit = SubmitMessage(
            creations: Creations(core.config, create: core.createMessages(for: engine).callAsFunction),
            fingerprint: core.fingerprint,
            findAnswer: FindAnswer(postgres: postgres),
            now: OrgNow(postgres: postgres)
        )
        MessageRoutes(
            submit: submit,
            dryRun: DryRunMessage(
                accounts: core.accounts,
                checkPolicy: core.prepare.calls.checkPolicy,
                templates: core.prepare.templates,
                links: core.prepare.links,
                postgres: postgres
            ),
            postgres: postgres
        ).add(to: tenants)
        ConversationMessageRoutes(
            list: ListConversationMessages(
                postgres: postgres,
                findConversations: core.prepare.calls.findConversations
            ),
            submit: submit
        ).add(to: tenants)
        BatchRoutes(
            createMessages: core.createMessages(for: engine),
            fingerprint: core.fingerprint,
            now: OrgNow(postgres: postgres)
        ).add(to: tenants)
        ActRoutes(
            change: engine.change,
            edit: EditMessage(postgres: postgres, prepare: core.prepare, due: engine.due),
            delete: engine.act.delete,
            postgres: postgres
        ).add(to: tenants)
        JobRoutes(
            act: engine.act,
            start: StartJob(postgres: postgres, wake: engine.jobSignal),
            postgres: postgres
        ).add(to: tenants)
        core.broadcastRoutes(engine).add(to: tenants)
        AccountRoutes(
            createOnce: CreateOnce(postgres: postgres, fingerprint: core.fingerprint, upkeep: .job),
            createAccount: CreateAccount(postgres: postgres, secrets: core.secrets),
            updateAccount: UpdateAccount(postgres: postgres, secrets: core.secrets),
            parkAccount: ParkAccount(postgres: postgres, walk: engine.walk),
            checkAccount: CheckAccount(postgres: postgres, secrets: core.secrets, clock: ContinuousClock()),
            deleteAccount: DeleteAccount(postgres: postgres),
            postgres: postgres
        ).add(to: tenants)
        TemplateRoutes(
            createOnce: CreateOnce(postgres: postgres, fingerprint: core.fingerprint, upkeep: .job),
            change: ChangeTemplates(postgres: postgres),
            preview: PreviewTemplate(templates: core.prepare.templates, links: core.prepare.links),
            postgres: postgres
        ).add(to: tenants)
        QueueRoutes(postgres: postgres, walk: engine.walk).add(to: tenants)
        ClockRoutes(advanceClock: engine.advanceClock).add(to: tenants)
        AttachmentRoutes(postgres: postgres, secrets: core.secrets, fetch: core.fetchMedia).add(to: tenants)
        ActivityRoutes(postgres: postgres).add(to: tenants)
        AuditRoutes(postgres: postgres).add(to: tenants)
        StatisticsRoutes(postgres: postgres).add(to: tenants)
        SendCountRoutes(
            sends: { [customers = core.customers] in try await customers.sends($0) },
            now: OrgNow(postgres: postgres),
            postgres: postgres
        ).add(to: tenants)
        let erase = EraseMessages(
            postgres: postgres,
            change: engine.change,
            recipients: EraseRecipients(marks: core.marks),
            archive: core.config.archive
        )
        ErasureRoutes { try await erase($0, for: $1.acting, requestID: $1.id) }.add(to: tenants)
        ExportRoutes(postgres: postgres, archive: core.config.archive).add(to: tenants)

        let services = router.group(context: ServiceRequestContext.self)
        GatheredRoutes(submit: submit).add(to: services)
        engine.routes(core).add(to: services)
        CheckRoutes(postgres: postgres).add(to: services)
        ReceiveRoutes(receptions: core.receptions(due: engine.due, notice: engine.notice)).add(to: services)
        EngineRoutes(engine: core.enginePostgres, postgres: postgres, walk: engine.walk).add(to: services)
        engine.restoreRoutes(core).add(to: services)
        OrgSettingsRoutes(postgres: postgres).add(to: services)
        return router
    }
}

/// What both the routes and the engine stand on.
struct Core: Sendable {
    let config: EngineConfig
    let postgres: PostgresPool
    let enginePostgres: PostgresPool
    /// Where the engine's pool connects to, for its listener.
    let engineConfig: PostgresConfig
    let tokens: ServiceTokens
    let secrets: SecretBox
    let marks: AddressMarks
    let fingerprint: Fingerprint
    let accounts: ChooseAccounts
    let prepare: PrepareMessages
    let customers: CustomerAPI
    let fetchMedia: FetchMedia

    init(reader: ConfigReader, client: HTTPClient, logger: Logger) async throws {
        let secret = try await reader.fetchRequiredString(forKey: "serviceToken.secret", isSecret: true)
        let masterKeys = try await MasterKeys(reader: reader)
        let tokens = try await ServiceTokens(secret: secret)
        let token: @Sendable () async throws -> String = { try await tokens.issue(as: .messagingService) }
        self.config = try await EngineConfig(reader: reader.scoped(to: "engine"))
        self.postgres = PostgresPool(try await PostgresConfig(reader: reader.scoped(to: "postgres")), logger: logger)
        self.engineConfig = try await PostgresConfig(reader: reader.scoped(to: "engine.postgres"))
        self.enginePostgres = PostgresPool(self.engineConfig, name: "engine", logger: logger)
        self.tokens = tokens
        self.secrets = SecretBox(masterKeys: masterKeys)
        self.marks = AddressMarks(masterKeys: masterKeys)
        self.fingerprint = Fingerprint(masterKeys: masterKeys)
        self.accounts = ChooseAccounts(postgres: self.postgres, secrets: self.secrets)
        self.customers = CustomerAPI(
            client: InternalClient(
                .customerService,
                client: client,
                baseURL: try await reader.fetchRequiredString(forKey: "customers.url"),
                token: token
            )
        )
        let calls = PrepareMessages.Calls(
            customers: self.customers,
            conversations: ConversationAPI(
                client: InternalClient(
                    .conversationService,
                    client: client,
                    baseURL: try await reader.fetchRequiredString(forKey: "conversations.url"),
                    token: token
                )
            )
        )
        self.prepare = PrepareMessages(
            accounts: self.accounts,
            calls: calls,
            links: UnsubscribeLinks(masterKeys: masterKeys, publicURL: try PublicURL.read(reader, logger: logger))
        )
        self.fetchMedia = FetchMedia(config: try ProvidersConfig(mediaFrom: reader), client: client)
    }

    func broadcastRoutes(_ engine: Engine) -> BroadcastRoutes {
        let create = CreateBroadcast(
            postgres: self.postgres,
            accounts: self.accounts,
            templates: self.prepare.templates,
            askAudience: { [customers = self.customers] in try await customers.audience($0) },
            fingerprint: self.fingerprint,
            now: OrgNow(postgres: self.postgres),
            wake: engine.broadcastSignal
        )
        let dryRun = DryRunMessage(
            accounts: self.accounts,
            checkPolicy: self.prepare.calls.checkPolicy,
            templates: self.prepare.templates,
            links: self.prepare.links,
            postgres: self.postgres
        )
        return BroadcastRoutes(
            create: create,
            dryRun: DryRunBroadcast(create: create, dryRun: dryRun, calls: self.prepare.calls),
            change: ChangeBroadcast(
                postgres: self.postgres,
                startJob: StartJob(postgres: self.postgres, wake: engine.jobSignal),
                wake: engine.broadcastSignal
            ),
            now: OrgNow(postgres: self.postgres),
            postgres: self.postgres
        )
    }

    func createMessages(for engine: Engine) -> CreateMessages {
        CreateMessages(
            postgres: self.postgres,
            prepare: self.prepare,
            due: engine.due,
            notice: engine.notice,
            recent: engine.recent
        )
    }

    /// Calls that bring inbound messages, stored together with those that come at the same time.
    func receptions(
        due: DueWork,
        notice: OutboxNotice
    ) -> Coalescer<ReceiveMessages.Call, [MessagingAPI.Received]> {
        let receiveMessages = ReceiveMessages(postgres: self.postgres, secrets: self.secrets, due: due, notice: notice)
        return Coalescer(
            maximumBatch: self.config.createBatch,
            maximumConcurrentBatches: self.config.createBatches,
            waitingLimit: EngineConfig.waitingCreates
        ) { calls in
            await receiveMessages(calls)
        }
    }
}
