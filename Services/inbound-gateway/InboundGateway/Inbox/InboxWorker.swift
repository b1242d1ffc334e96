import Logging
import Postgres
import ServiceLifecycle
import Shared

/// Finishes what requests could not: passes on due events of every organization until shutdown.
///
/// Several replicas may run: each event is taken by one, and comes back should that one die.
struct InboxWorker: Service {
    /// Organizations in one scope: the setting that holds it has 37 bytes for each.
    static let orgsAtOnce = 500
    /// Events of one organization in one round: a long backlog of one does not keep the others waiting.
    static let eventsOfEach = 200

    let postgres: PostgresPool
    let pass: PassOn
    let policy: InboxPolicy
    let clock: any Clock<Duration>
    let logger: Logger

    func run() async throws {
        await withDiscardingTaskGroup { group in
            group.addTask {
                while (try? await self.clock.sleep(for: self.policy.pollInterval)) != nil {
                    self.pass.signal.wake()
                }
            }
            for await _ in self.pass.signal.wakes.cancelOnGracefulShutdown() {
                await self.finishAll()
            }
            group.cancelAll()
        }
    }

    /// Rounds over all organizations until one finds nothing; an error ends them until the next wake.
    private func finishAll() async {
        do {
            while try await self.round() > 0, !Task.isShuttingDownGracefully {}
        } catch {
            self.logger.warning("inbox round failed", metadata: ["error": "\(error)"])
        }
    }

    /// - Returns: how many events were taken.
    func round() async throws -> Int {
        var taken = 0
        var last: OrgID?
        while true {
            let after = last
            let orgs = try await self.postgres.run {
                try InboxRequestStore.orgs(after: after, atMost: Self.orgsAtOnce, on: $0)
            }
            guard !orgs.isEmpty else { return taken }
            taken += try await self.finish(orgs)
            last = orgs.last
        }
    }

    private func finish(_ orgs: [OrgID]) async throws -> Int {
        let lease = self.policy.lease
        let events = try await self.postgres.transaction(for: orgs) { connection in
            let due = try InboxStore.due(of: orgs, on: connection)
            guard !due.isEmpty else { return [ClaimedEvent]() }
            // One call takes 1,000: of many organizations each gets fewer, and the next round brings more.
            let share = max(1, min(Self.eventsOfEach, ApplyReports.limit / due.count))
            return try InboxStore.claim(atMost: share, ofEach: due, lease: lease, on: connection)
        }
        guard !events.isEmpty else { return 0 }
        try await self.pass(events)
        return events.count
    }
}
