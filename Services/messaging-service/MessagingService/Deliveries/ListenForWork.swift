import Logging
import Postgres
import ServiceLifecycle

/// Looks for due work at once when another replica says that it committed some.
struct ListenForWork: Service {
    let config: PostgresConfig
    let probe: ProbeDueWork
    let replica: String
    let logger: Logger

    func run() async throws {
        try await gracefulShutdown()
    }
}
