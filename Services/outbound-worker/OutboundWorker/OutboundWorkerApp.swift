import AsyncHTTPClient
package import Configuration
import EventLoopTasks
import Foundation
import HTTPService
import InternalAPI
package import Logging
import Providers
package import ServiceLifecycle
import Shared

/// Everything the service needs, built in one place.
package struct OutboundWorkerApp: Sendable {
    /// In the order in which they start; they stop the other way round, so that the work is the first to end.
    package let services: [any Service]

    /// - Parameters:
    ///   - reader: the environment, outside of tests.
    ///   - logger: of the process.
    ///   - onServerRunning: is told the port, which matters when `http.port` is 0.
    ///   - restart: ends the process as a supervisor does, when the operator wants all workers started anew.
    /// - Throws: `ConfigFaults`.
    package init(
        reader: ConfigReader,
        logger: Logger,
        onServerRunning: @escaping @Sendable (Int) async -> Void = { _ in },
        restart: @escaping @Sendable () -> Void = { kill(getpid(), SIGTERM) }
    ) async throws {
        var settings = Settings(reader: reader, logger: logger)
        let config = WorkerConfig(&settings)
        let messaging = MessagingConfig(&settings)
        let providers = ProvidersConfig(&settings)
        let http = ServerConfig(&settings)
        try settings.check()
        let (tokens, slot, worker): (ServiceTokens, WorkerSlot, MessagingAPI.WorkerIdentity)
        do throws(ConfigFailure) {
            tokens = try await ServiceTokens(secret: messaging.secret)
            slot = try WorkerSlot(in: config.stateDirectory)
            worker = try MessagingAPI.WorkerIdentity(host: config.host, slot: slot)
        } catch {
            throw ConfigFaults(faults: [error])
        }

        let clock = EventLoopClock()
        let internalClient = HTTPClient.internal()
        // Each slot may have a request on its way to the same provider: none shall wait for another's connection.
        let providerClient = HTTPClient.forProviders(connectionsPerHost: config.slots)
        let client = InternalClient(.messagingService, client: internalClient, baseURL: messaging.url) {
            try await tokens.issue(as: .outboundWorker)
        }
        let queue = MessagingAPI(client: client)
        let time = DatabaseTime()
        let life = WorkerLife(
            in: slot,
            as: worker,
            keeping: config.keeping,
            queue: queue,
            clock: clock,
            time: time,
            logger: logger
        )
        let followUps = FollowUpReports(queue: queue, clock: clock, logger: logger)
        let sandbox = SandboxProvider { orgID, accountID, report in
            followUps.add(.init(orgID: orgID, accountID: accountID, report: report))
        }
        let readiness = Readiness(clock: clock)
        let registry = ProviderRegistry(config: providers, client: providerClient, sandbox: sandbox) { time.now }
        let checks = CheckCredentials(providers: registry, queue: queue, clock: clock, logger: logger)
        let attempt = SendAttempt(
            providers: registry,
            journal: life.journal,
            fetchAttachments: FetchAttachments(queue: queue),
            deadline: config.providerDeadline,
            clock: clock,
            logger: logger
        )
        let dispatcher = Dispatcher(
            handOver: life.handOver,
            attempt: attempt,
            slots: config.slots,
            readiness: readiness,
            fence: life.fence
        )
        let work = RecoveredWork(
            adopt: life.adopt,
            recovery: life.recovery,
            dispatcher: config.activity == .working ? dispatcher : nil
        )
        let server = WorkerServer.make(
            config: http,
            readiness: readiness,
            fence: life.fence,
            logger: logger,
            onRunning: onServerRunning
        )
        let heartbeat = Heartbeat(
            queue: queue,
            worker: worker,
            readiness: readiness,
            fence: life.fence,
            checks: config.activity == .working ? checks : nil,
            clock: clock,
            time: time,
            logger: logger,
            restart: restart
        )
        let neighbours = SettleNeighbours(
            directory: config.stateDirectory,
            host: config.host,
            keeping: config.keeping,
            own: life,
            queue: queue,
            clock: clock,
            logger: logger
        )
        let resources = WorkerResources(life: life, clients: [internalClient, providerClient])
        let tidy = TidyJournal(journal: life.journal, kept: life.kept, clock: clock)
        self.services = [resources, server, followUps, checks, heartbeat, life.adopt, neighbours, tidy, work]
        logger.info(
            "worker starts",
            metadata: ["worker": "\(worker.name)", "slots": "\(config.slots)", "activity": "\(config.activity)"]
        )
    }
}
