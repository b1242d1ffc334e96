import Logging
import Postgres
import ServiceLifecycle

/// Gives scheduled messages their places when their time comes: within milliseconds of it.
struct PlaceDueMessages: Service {
    static let interval: Duration = .milliseconds(50)
    /// However close together messages are due.
    static let leastInterval: Duration = .milliseconds(5)

    let engine: PostgresPool
    let sweep: SweepQueue
    let clock: any Clock<Duration>
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var failures = FailureCount()
            while !Task.isCancelled {
                var pause = Self.interval
                do {
                    pause = try await self.sweep.placeDue() ? Self.leastInterval : try await self.untilNext()
                    failures.succeeded()
                } catch {
                    failures.failed("due messages not placed", error, self.logger)
                }
                try? await self.clock.sleep(for: min(max(pause, Self.leastInterval), Self.interval))
            }
        }
    }

    private func untilNext() async throws -> Duration {
        let rows = try await self.engine.run { connection in
            try connection.query(
                """
                SELECT extract(epoch FROM (SELECT min(due_at) FROM outbox WHERE state = 'scheduled' AND place IS NULL) - now())
                       ::double precision AS wait
                """
            )
        }
        guard let wait: Double = try rows.first?.getIfPresent("wait") else { return Self.interval }
        return .seconds(min(wait, 1))
    }
}
