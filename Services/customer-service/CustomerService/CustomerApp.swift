package import Configuration
import HTTPService
import Hummingbird
package import Logging
import Postgres
package import ServiceLifecycle

/// Everything the service needs, built in one place.
package struct CustomerApp: Sendable {
    /// In the order in which they start.
    package let services: [any Service]

    /// - Parameters:
    ///   - reader: the process's configuration; see the README for its keys.
    ///   - logger: the process's.
    ///   - onServerRunning: told the port, which matters when `http.port` is 0.
    /// - Throws: `ConfigFailure`, or what the reader throws for an absent or malformed value.
    package init(
        reader: ConfigReader,
        logger: Logger,
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
        let services = router.group(context: ServiceRequestContext.self)
        CustomerRoutes(resolveCustomers: ResolveCustomers(postgres: postgres)).add(to: services)
        InboundRoutes(receiveMessages: ReceiveMessages(postgres: postgres)).add(to: services)
        let server = makeServer(
            router: router,
            config: try await ServerConfig(reader: reader.scoped(to: "http")),
            logger: logger,
            onServerRunning: onServerRunning
        )
        self.services = [postgres, server]
    }
}
