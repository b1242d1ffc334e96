package import Logging
import Metrics
package import Postgres
import ServiceLifecycle
import Shared

/// Measures the queue of all organizations each 15 s: what waits, since when, and who sends.
///
/// A short outbox is counted; of a long one so many pages are taken by chance, and the counts are scaled up.
package struct SampleQueue: Service {
    package static let interval: Duration = .seconds(15)

    let engine: PostgresPool
    /// Whether organizations are named, which makes as many series as there are busy ones.
    let namesOrganizations: Bool
    let clock: any Clock<Duration>
    let logger: Logger
    private let gauges = QueueGauges()
    private let background = BackgroundMetrics()

    package init(
        engine: PostgresPool,
        namesOrganizations: Bool = false,
        clock: any Clock<Duration> = ContinuousClock(),
        logger: Logger
    ) {
        self.engine = engine
        self.namesOrganizations = namesOrganizations
        self.clock = clock
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var failures = FailureCount()
            while !Task.isCancelled {
                do {
                    try await self.sample()
                    failures.succeeded()
                } catch {
                    self.background.failed("queue sample", error)
                    failures.failed("queue not measured", error, self.logger)
                }
                try? await self.clock.sleep(for: Self.interval)
            }
        }
    }

    /// Measures once.
    package func sample() async throws {
        let rows = try await self.engine.run { connection in
            let pages = try connection.query(QueueSampleStore.size).first?.get("pages", as: Int.self) ?? 0
            let percent = min(100, 100 * Double(QueueSampleStore.pages) / Double(max(pages, 1)))
            let statements = [
                QueueSampleStore.counts(in: percent), QueueSampleStore.oldest, QueueSampleStore.gates,
                QueueSampleStore.workers, QueueSampleStore.isPaused,
            ]
            let named = self.namesOrganizations ? [QueueSampleStore.organizations(in: percent)] : []
            return (percent, try connection.pipeline(statements + named))
        }
        let (percent, results) = rows
        try self.gauges.set(counts: results[0], scaledBy: 100 / percent)
        try self.gauges.set(oldest: results[1])
        try self.gauges.set(gates: results[2])
        try self.gauges.set(workers: results[3])
        self.gauges.paused.record(try results[4].first?.get("is_paused") ?? false ? 1 : 0)
        self.gauges.fenced.record(try results[4].first?.get("is_fenced") ?? false ? 1 : 0)
        if self.namesOrganizations { try self.gauges.set(organizations: results[5], scaledBy: 100 / percent) }
    }
}
