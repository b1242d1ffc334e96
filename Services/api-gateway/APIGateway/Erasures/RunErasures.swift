import Logging
import Postgres
import ServiceLifecycle
import Shared

/// Works on erasures that are due, each until it is done or has to wait, a few at a time.
///
/// Several replicas may run: each erasure belongs to one of them for the length of its lease.
struct RunErasures: Service {
    private static let interval: Duration = .milliseconds(500)
    private static let atOnce = 4

    let erase: EraseCustomer
    let postgres: PostgresPool
    let clock: any Clock<Duration>
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                for _ in 0..<Self.atOnce { group.addTask { await self.work() } }
            }
        }
    }

    private func work() async {
        var failures = 0
        while !Task.isCancelled {
            do {
                while let key = try await self.take() {
                    let pause = try await self.erase(key)
                    try await self.postgres.run { connection in
                        try connection.query(pause.map { DueErasures.put([key], after: $0) } ?? DueErasures.remove(key))
                    }
                }
                failures = 0
            } catch {
                guard !Task.isCancelled else { return }
                if failures % 120 == 0 {
                    self.logger.warning("erasures not worked on", metadata: ["error": "\(error)"])
                }
                failures += 1
            }
            guard (try? await self.clock.sleep(for: Self.interval)) != nil else { return }
        }
    }

    private func take() async throws -> ErasureKey? {
        try await self.postgres.run { connection in
            try connection.query(DueErasures.take()).first.map { row in
                ErasureKey(orgID: try row.get("org_id"), id: try row.get("erasure_id"))
            }
        }
    }
}
