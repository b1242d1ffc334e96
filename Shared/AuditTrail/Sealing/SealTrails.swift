package import Logging
package import Postgres
import ServiceLifecycle
import Shared

/// Seals what was written to the trails of all organizations, about a second after it was.
///
/// Several replicas may run. What fails is tried again with the next round, and keeps no other organization back.
package struct SealTrails: Service {
    private static let interval: Duration = .seconds(1)
    /// Organizations that are looked up at once.
    private static let page = 200
    /// Seals of one organization in a round, so that one with a million lines to seal does not hold up the others.
    private static let mostSeals = 20

    private let seal: SealLines
    private let postgres: PostgresPool
    private let clock: any Clock<Duration>
    private let logger: Logger

    package init(
        postgres: PostgresPool,
        dear: Duration = SparingPace.free,
        clock: any Clock<Duration> = .continuous,
        logger: Logger
    ) {
        self.seal = SealLines(postgres: postgres, dear: dear)
        self.postgres = postgres
        self.clock = clock
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var (failures, pace) = (0, SparingPace())
            while (try? await self.clock.sleep(for: Self.interval)) != nil {
                guard pace.allows(at: .now) else { continue }
                do {
                    let cost = try await self.round()
                    pace.spent(cost, until: .now)
                    failures = 0
                } catch {
                    guard !Task.isCancelled else { return }
                    // The first of a series, then one every ten minutes.
                    if failures % 600 == 0 {
                        self.logger.warning("audit trail not sealed", metadata: ["error": "\(error)"])
                    }
                    failures += 1
                }
            }
        }
    }

    /// Seals for each organization that has something to seal.
    ///
    /// - Returns: how long it took to find them.
    /// - Throws: the first failure, once all were tried.
    @discardableResult
    package func round() async throws -> Duration {
        var (last, failure, cost): (OrgID?, (any Error)?, Duration) = (nil, nil, .zero)
        while true {
            let (after, began) = (last, ContinuousClock.now)
            let orgs = try await self.postgres.run { connection in
                try connection.query(SealStore.waiting(after: after, limit: Self.page))
                    .map { try $0.get("org_id", as: OrgID.self) }
            }
            cost += began.duration(to: .now)
            for orgID in orgs {
                do {
                    var seals = 0
                    while seals < Self.mostSeals, try await self.seal(of: orgID) { seals += 1 }
                } catch {
                    failure = failure ?? error
                }
            }
            last = orgs.last
            guard orgs.count == Self.page else { break }
        }
        if let failure { throw failure }
        return cost
    }
}
