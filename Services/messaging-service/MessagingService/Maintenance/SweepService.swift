import Logging
import ServiceLifecycle

/// Ends holds and messages whose time is over, each second; beside the look for dead workers, which it must not hold up.
struct SweepService: Service {
    static let interval: Duration = .seconds(1)

    let sweep: SweepQueue
    let clock: any Clock<Duration>
    let logger: Logger
    private let metrics = BackgroundMetrics()

    init(sweep: SweepQueue, clock: any Clock<Duration>, logger: Logger) {
        self.sweep = sweep
        self.clock = clock
        self.logger = logger
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                var isMore = await self.attempt("uncertain messages") { try await self.sweep.releaseUncertain() }
                isMore = await self.attempt("expired messages") { try await self.sweep.expire() } || isMore
                if !isMore { try? await self.clock.sleep(for: Self.interval) }
            }
        }
    }

    /// - Returns: false after a failure, which is tried again in the next round.
    private func attempt(_ what: String, _ work: () async throws -> Bool) async -> Bool {
        do {
            return try await work()
        } catch {
            if !(error is CancellationError) {
                self.metrics.failed(what, error)
                self.logger.warning("not swept", metadata: ["sweep.of": "\(what)", "error": "\(error)"])
            }
            return false
        }
    }
}
