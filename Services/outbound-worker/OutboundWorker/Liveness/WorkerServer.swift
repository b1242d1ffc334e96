import HTTPService
import Logging
import ServiceLifecycle
import Shared

/// The worker's port: `/healthz`, `/readyz` and `/metrics`, for those who watch over it.
enum WorkerServer {
    static func make(
        config: ServerConfig,
        readiness: Readiness,
        logger: Logger,
        onRunning: @escaping @Sendable (Int) async -> Void
    ) -> any Service {
        let messaging = HealthRoutes.Check(ServiceName.messagingService.rawValue) {
            guard readiness.isReady else { throw Problem.unavailable(ServiceName.messagingService.rawValue) }
        }
        return makeServer(
            router: makeWatchedRouter(health: HealthRoutes([messaging])),
            config: config,
            logger: logger,
            onServerRunning: onRunning
        )
    }
}
