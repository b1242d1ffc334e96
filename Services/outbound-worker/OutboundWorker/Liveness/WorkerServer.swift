import HTTPService
import Hummingbird
import Logging
import ServiceLifecycle
import Shared

/// The worker's port: `/healthz` and `/readyz`, for those who watch over it.
enum WorkerServer {
    static func make(
        config: ServerConfig,
        readiness: Readiness,
        logger: Logger,
        onRunning: @escaping @Sendable (Int) async -> Void
    ) -> any Service {
        let router = Router(context: AppRequestContext.self)
        router.add(middleware: ProblemMiddleware())
        let messaging = HealthRoutes.Check(ServiceName.messagingService.rawValue) {
            guard readiness.isReady else { throw Problem.unavailable(ServiceName.messagingService.rawValue) }
        }
        HealthRoutes([messaging]).add(to: router)
        return makeServer(router: router, config: config, logger: logger, onServerRunning: onRunning)
    }
}
