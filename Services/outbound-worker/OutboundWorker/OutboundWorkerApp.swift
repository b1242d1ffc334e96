import AsyncHTTPClient
package import Configuration
import HTTPService
import InternalAPI
package import Logging
import Providers
package import ServiceLifecycle
import Shared

/// Everything the service needs, built in one place.
package struct OutboundWorkerApp: Sendable {
    /// In the order in which they start; they stop the other way round, so that the dispatcher is the first to end.
    package let services: [any Service]

    /// - Parameters:
    ///   - reader: the environment, outside of tests.
    ///   - logger: of the process.
    ///   - onServerRunning: is told the port, which matters when `http.port` is 0.
    /// - Throws: `ConfigFaults`.
    package init(
        reader: ConfigReader,
        logger: Logger,
        onServerRunning: @escaping @Sendable (Int) async -> Void = { _ in }
    ) async throws {
        var settings = Settings(reader: reader, logger: logger)
        let config = WorkerConfig(&settings)
        let messaging = MessagingConfig(&settings)
        let providers = ProvidersConfig(&settings)
        let http = ServerConfig(&settings)
        try settings.check()
        let (tokens, slot): (ServiceTokens, WorkerSlot)
        do throws(ConfigFailure) {
            tokens = try await ServiceTokens(secret: messaging.secret)
            slot = try WorkerSlot(in: config.stateDirectory)
        } catch {
            throw ConfigFaults(faults: [error])
        }
        let worker = MessagingAPI.WorkerIdentity(host: config.host, slot: slot)

        let clock = ContinuousClock()
        let internalClient = HTTPClient.internal()
        // Each slot may have a request on its way to the same provider: none shall wait for another's connection.
        let providerClient = HTTPClient.forProviders(connectionsPerHost: config.slots)
        let client = InternalClient(.messagingService, client: internalClient, baseURL: messaging.url) {
            try await tokens.issue(as: .outboundWorker)
        }
        let queue = MessagingQueue(messaging: MessagingAPI(client: client), worker: worker)
        let followUps = FollowUpReports(queue: queue, clock: clock, logger: logger)
        let sandbox = SandboxProvider { orgID, accountID, report in
            followUps.add(.init(orgID: orgID, accountID: accountID, report: report))
        }
        let readiness = Readiness(clock: clock)
        let dispatcher = Dispatcher(
            queue: queue,
            attempt: SendAttempt(
                providers: ProviderRegistry(config: providers, client: providerClient, sandbox: sandbox),
                deadline: config.providerDeadline,
                clock: clock,
                logger: logger
            ),
            slots: config.slots,
            readiness: readiness,
            clock: clock,
            logger: logger
        )
        let server = WorkerServer.make(config: http, readiness: readiness, logger: logger, onRunning: onServerRunning)
        let heartbeat = Heartbeat(queue: queue, readiness: readiness, clock: clock, logger: logger)
        let resources = WorkerResources(slot: slot, clients: [internalClient, providerClient])
        self.services = [resources, server, followUps, heartbeat] + (config.activity == .working ? [dispatcher] : [])
        logger.info(
            "worker starts",
            metadata: ["worker": "\(worker.name)", "slots": "\(config.slots)", "activity": "\(config.activity)"]
        )
    }
}
