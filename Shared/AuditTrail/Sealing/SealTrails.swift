package import Logging
package import Postgres
import ServiceLifecycle
import Shared

/// Seals what was written to the trails of all organizations, about a second after it was; up to half a minute, while it takes
/// long to find whose there are, what those wrote of whom nobody had found any.
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
    private let pace: SharedPace
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
        self.pace = SharedPace(free: dear)
        self.clock = clock
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var (failures, found) = (0, [OrgID]())
            while (try? await self.clock.sleep(for: Self.interval)) != nil {
                let round = await self.round(after: found)
                found = round.found
                guard let failure = round.failure else {
                    failures = 0
                    continue
                }
                guard !Task.isCancelled else { return }
                // The first of a series, then one every ten minutes.
                if failures % 600 == 0 {
                    self.logger.warning("audit trail not sealed", metadata: ["error": "\(failure)"])
                }
                failures += 1
            }
        }
    }

    private struct Round {
        /// The organizations that had something to seal when they were last looked for.
        var found: [OrgID]
        /// The first failure, once all were tried.
        var failure: (any Error)?
    }

    /// Seals for each organization that has something to seal.
    ///
    /// - Throws: the first failure, once all were tried.
    package func round() async throws {
        if let failure = await self.round(after: []).failure { throw failure }
    }

    private func round(after found: [OrgID]) async -> Round {
        var round = Round(found: found)
        do {
            if self.pace.allows(at: .now) { round.found = try await self.waiting() }
        } catch {
            round.failure = error
        }
        for orgID in round.found {
            do {
                var seals = 0
                while seals < Self.mostSeals, try await self.seal(of: orgID) { seals += 1 }
            } catch {
                round.failure = round.failure ?? error
            }
        }
        return round
    }

    /// The organizations that have something to seal.
    private func waiting() async throws -> [OrgID] {
        let began = ContinuousClock.now
        defer { self.pace.spent(began.duration(to: .now), until: .now) }
        var orgs: [OrgID] = []
        while true {
            let after = orgs.last
            let page = try await self.postgres.run { connection in
                try connection.query(SealStore.waiting(after: after, limit: Self.page))
                    .map { try $0.get("org_id", as: OrgID.self) }
            }
            orgs += page
            guard page.count == Self.page else { return orgs }
        }
    }
}
