import AsyncHTTPClient
package import Configuration
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

        let clock = ContinuousClock()
        let internalClient = HTTPClient.internal()
        // Each slot may have a request on its way to the same provider: none shall wait for another's connection.
        let providerClient = HTTPClient.forProviders(connectionsPerHost: config.slots)
        let client = InternalClient(.messagingService, client: internalClient, baseURL: messaging.url) {
            try await tokens.issue(as: .outboundWorker)
        }
        let queue = MessagingAPI(client: client)
        let handOver = HandOver(queue: queue, worker: worker, clock: clock, logger: logger)
        let followUps = FollowUpReports(queue: queue, clock: clock, logger: logger)
        let sandbox = SandboxProvider { orgID, accountID, report in
            followUps.add(.init(orgID: orgID, accountID: accountID, report: report))
        }
        let readiness = Readiness(clock: clock)
        let kept = KeptLog(folder: "\(slot.path)/kept", worker: worker.name, retention: config.keeping)
        let (journal, replay) = AttemptJournal.inFolder(of: slot, worker: worker.name, kept: kept)
        let memory = WorkerMemory(path: "\(slot.path)/epoch", worker: worker.name)
        let fence = RestoreFence(file: memory, journal: journal, logger: logger)
        let adopt = AdoptDatabase(
            queue: queue,
            worker: worker,
            fence: fence,
            journal: journal,
            kept: kept,
            replay: replay,
            clock: clock,
            logger: logger
        )
        let registry = ProviderRegistry(config: providers, client: providerClient, sandbox: sandbox)
        let checks = CheckCredentials(providers: registry, queue: queue, clock: clock, logger: logger)
        let attempt = SendAttempt(
            providers: registry,
            journal: journal,
            fetchAttachments: FetchAttachments(queue: queue),
            deadline: config.providerDeadline,
            clock: clock,
            logger: logger
        )
        let dispatcher = Dispatcher(
            handOver: handOver,
            attempt: attempt,
            slots: config.slots,
            readiness: readiness,
            fence: fence
        )
        let work = RecoveredWork(
            adopt: adopt,
            recovery: Recovery(handOver: handOver, journal: journal, replay: replay, fence: fence, logger: logger),
            dispatcher: config.activity == .working ? dispatcher : nil
        )
        let server = WorkerServer.make(
            config: http,
            readiness: readiness,
            fence: fence,
            logger: logger,
            onRunning: onServerRunning
        )
        let heartbeat = Heartbeat(
            queue: queue,
            worker: worker,
            readiness: readiness,
            fence: fence,
            checks: config.activity == .working ? checks : nil,
            clock: clock,
            logger: logger,
            restart: restart
        )
        let resources = WorkerResources(
            slot: slot,
            clients: [internalClient, providerClient],
            journal: journal,
            kept: kept
        )
        let tidy = TidyJournal(journal: journal, kept: kept, clock: clock)
        self.services = [resources, server, followUps, checks, heartbeat, adopt, tidy, work]
        logger.info(
            "worker starts",
            metadata: ["worker": "\(worker.name)", "slots": "\(config.slots)", "activity": "\(config.activity)"]
        )
    }
}
