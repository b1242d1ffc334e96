import InternalAPI
import Logging
import Postgres
import ServiceLifecycle
import Shared

/// Pushes what requests could not: looks each second for organizations of which a service was not told.
///
/// Several replicas may run: at worst the same is told twice.
struct PushMissedOrgs: Service {
    static let interval: Duration = .seconds(1)
    /// Between two looks while the service is away: it hears of a change this long after it is back.
    static let longestPause: Duration = .seconds(10)

    let pushOrgs: PushOrgs
    let postgres: PostgresPool
    let clock: any Clock<Duration>
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var failures = 0
            while (try? await self.clock.sleep(for: Self.pause(afterFailures: failures))) != nil {
                do {
                    failures = try await self.round() == 0 ? 0 : failures + 1
                } catch {
                    guard !Task.isCancelled else { return }
                    // The first of a series, then one about every ten minutes.
                    if failures % 60 == 0 {
                        self.logger.warning(
                            "organizations not pushed",
                            metadata: ["service": "\(self.service)", "error": "\(error)"]
                        )
                    }
                    failures += 1
                }
            }
        }
    }

    private var service: String { self.pushOrgs.receiver.service.rawValue }

    static func pause(afterFailures failures: Int) -> Duration {
        // 2^4 seconds are longer than the longest pause.
        min(Self.longestPause, Self.interval * (1 << min(failures, 4)))
    }

    /// Pushes all there are.
    ///
    /// - Returns: how many were refused.
    private func round() async throws -> Int {
        var refused = 0
        var last: OrgID?
        while true {
            let after = last
            let ids = try await self.postgres.run { connection in
                try OrgPushStore.unpushed(
                    to: self.pushOrgs.receiver,
                    after: after,
                    limit: OrgSettingsRequest.mostOrgs,
                    on: connection
                )
            }
            guard !ids.isEmpty else { return refused }
            refused += try await self.push(ids)
            last = ids.last
        }
    }

    /// Together; when that is refused one by one, so that one organization does not keep the others back.
    private func push(_ ids: [OrgID]) async throws -> Int {
        do {
            try await self.pushOrgs(ids)
            return 0
        } catch let problem as Problem where Self.isRefusal(problem) {
            guard ids.count > 1 else {
                self.logger.error(
                    "organization refused by a service",
                    metadata: [
                        "service": "\(self.service)", "org.id": "\(ids.map(\.description).joined())",
                        "problem.code": "\(problem.code)",
                    ]
                )
                return ids.count
            }
        }
        var refused = 0
        for id in ids { refused += try await self.push([id]) }
        return refused
    }

    /// Whether the fault may lie in what was told; else the service is away, or older than this call.
    private static func isRefusal(_ problem: Problem) -> Bool {
        [400, 413, 422, 500].contains(problem.status)
    }
}
