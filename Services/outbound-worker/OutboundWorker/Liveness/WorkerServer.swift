import HTTPService
import Logging
import ServiceLifecycle
import Shared

/// The worker's port: `/healthz`, `/readyz` and `/metrics`, for those who watch over it.
enum WorkerServer {
    static func make(
        config: ServerConfig,
        readiness: Readiness,
        fence: RestoreFence,
        logger: Logger,
        onRunning: @escaping @Sendable (Int) async -> Void
    ) -> any Service {
        let messaging = HealthRoutes.Check(ServiceName.messagingService.rawValue) {
            guard readiness.isReady else { throw Problem.unavailable(ServiceName.messagingService.rawValue) }
        }
        let sending = HealthRoutes.Check("sending") {
            if let sentence = fence.sentence { throw UnreadyReason(sentence) }
        }
        return makeServer(
            router: makeWatchedRouter(health: HealthRoutes([messaging, sending])),
            config: config,
            logger: logger,
            onServerRunning: onRunning
        )
    }
}
