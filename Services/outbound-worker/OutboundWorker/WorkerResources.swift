import AsyncHTTPClient
import ServiceLifecycle

/// What the worker holds as long as it runs, and gives back when everything else has stopped.
struct WorkerResources: Service {
    /// Held for its lock alone.
    let slot: WorkerSlot
    let clients: [HTTPClient]
    let journal: AttemptJournal
    let kept: KeptLog

    func run() async throws {
        try? await gracefulShutdown()
        for client in self.clients { try await client.shutdown() }
        let (outcomes, uncertain) = self.journal.outstanding
        if outcomes.isEmpty, uncertain.isEmpty { self.kept.end() }
        self.slot.release()
    }
}
