import AsyncHTTPClient
import ServiceLifecycle

/// What the worker holds as long as it runs, and gives back when everything else has stopped.
struct WorkerResources: Service {
    /// Held for its slot's lock.
    let life: WorkerLife
    let clients: [HTTPClient]

    func run() async throws {
        try? await gracefulShutdown()
        for client in self.clients { try await client.shutdown() }
        self.life.end()
    }
}
