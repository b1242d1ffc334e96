import Logging
import ServiceLifecycle

/// What is done again and again beside the requests: each second ended leases and holds, each hour old keys.
struct Maintenance: Service {
    static let interval: Duration = .seconds(1)
    static let roundsPerReaping = 3600

    let endLeases: EndLeases
    let releaseUncertain: ReleaseUncertain
    let reapIdempotencyKeys: ReapIdempotencyKeys
    let clock: any Clock<Duration>
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var round = 0
            while !Task.isCancelled {
                await self.attempt("leases") {
                    let count = try await self.endLeases()
                    if count > 0 { self.logger.warning("leases ended", metadata: ["messages.count": "\(count)"]) }
                }
                await self.attempt("uncertain messages") { try await self.releaseUncertain() }
                if round % Self.roundsPerReaping == 0 {
                    await self.attempt("idempotency keys") { try await self.reapIdempotencyKeys() }
                }
                round += 1
                try? await self.clock.sleep(for: Self.interval)
            }
        }
    }

    /// A failure is logged, and tried again in the next round: most of them are a database that is away.
    private func attempt(_ what: String, _ work: () async throws -> Void) async {
        do {
            try await work()
        } catch {
            self.logger.warning("maintenance failed", metadata: ["maintenance.of": "\(what)", "error": "\(error)"])
        }
    }
}
