import AuditTrail
package import Configuration
import Erasing
import HTTPService
import Hummingbird
package import Logging
import Postgres
package import ServiceLifecycle
package import Shared

/// Everything the service needs, built in one place.
package struct ConversationApp: Sendable {
    /// In the order in which they start.
    package let services: [any Service]

    /// - Parameters:
    ///   - reader: the process's configuration; see the README for its keys.
    ///   - logger: the process's.
    ///   - now: the time of day.
    ///   - onServerRunning: told the port, which matters when `http.port` is 0.
    /// - Throws: `ConfigFailure`, or what the reader throws for an absent or malformed value.
    package init(
        reader: ConfigReader,
        logger: Logger,
        now: @escaping @Sendable () -> Timestamp = { .now },
        onServerRunning: @escaping @Sendable (Int) async -> Void = { _ in }
    ) async throws {
        let tokens = try await ServiceTokens(
            secret: reader.fetchRequiredString(forKey: "service.token.secret", isSecret: true)
        )
        let postgres = PostgresPool(try await PostgresConfig(reader: reader.scoped(to: "postgres")), logger: logger)
        let router = makeInternalRouter(
            tokens: tokens,
            health: HealthRoutes([.init("postgres") { try await postgres.ping() }])
        )
        Self.addRoutes(to: router, postgres: postgres, now: now)
        let server = makeServer(
            router: router,
            config: try await ServerConfig(reader: reader.scoped(to: "http")),
            logger: logger,
            onServerRunning: onServerRunning
        )
        let forget = ForgetEventsService(
            forgetEvents: ForgetEvents(postgres: postgres, now: now),
            clock: ContinuousClock(),
            logger: logger
        )
        self.services = [postgres, forget, SealTrails(postgres: postgres, logger: logger), server]
    }

    private static func addRoutes(
        to router: Router<AppRequestContext>,
        postgres: PostgresPool,
        now: @escaping @Sendable () -> Timestamp
    ) {
        let receiveMessages = ReceiveMessages(postgres: postgres, now: now)
        let services = router.group(context: ServiceRequestContext.self)
        BatchRoutes(
            resolveConversations: ResolveConversations(postgres: postgres, now: now),
            findConversations: FindConversations(postgres: postgres),
            receiveMessages: receiveMessages,
            receipts: receiveMessages.coalesced()
        ).add(to: services)
        OrgSettingsRoutes(postgres: postgres).add(to: services)
        let tenants = router.group(context: OrgRequestContext.self)
        ConversationRoutes(postgres: postgres).add(to: tenants)
        ActRoutes(act: ActOnConversation(postgres: postgres, now: now)).add(to: tenants)
        ActivityRoutes(postgres: postgres).add(to: tenants)
        AuditRoutes(postgres: postgres).add(to: tenants)
        let erase = EraseConversations(postgres: postgres, now: now)
        ErasureRoutes { try await erase($0, for: $1) }.add(to: tenants)
    }
}
