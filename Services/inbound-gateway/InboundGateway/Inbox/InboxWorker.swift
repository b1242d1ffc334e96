import Logging
import Postgres
import ServiceLifecycle
import Shared

/// Finishes what requests could not: passes on due events of every organization until shutdown, of one kind.
///
/// Several replicas may run: each event is taken by one, and comes back should that one die.
struct InboxWorker: Service {
    /// Organizations in one scope: the setting that holds it has 37 bytes for each.
    static let orgsAtOnce = 500
    /// Events of one organization in one round: a long backlog of one does not keep the others waiting.
    static let eventsOfEach = 200
    /// Events in one round: what one call takes.
    static let eventsAtOnce = 1000
    /// The same while the services are away, to see whether they are back.
    static let probe = 10

    let postgres: PostgresPool
    let lane: InboxLane
    let policy: InboxPolicy
    let clock: any Clock<Duration>
    let logger: Logger

    func run() async throws {
        await withDiscardingTaskGroup { group in
            group.addTask {
                while (try? await self.clock.sleep(for: self.policy.pollInterval)) != nil { self.lane.state.wake() }
            }
            for await _ in self.lane.state.wakes.cancelOnGracefulShutdown() {
                await cancelWhenGracefulShutdown { await self.finishAll() }
            }
            group.cancelAll()
        }
    }

    /// Rounds over all organizations until one finds nothing; an error ends them until the next wake.
    ///
    /// While the services are away only a few events are tried, with growing pauses: the others stay as they are.
    private func finishAll() async {
        var failures = 0
        do {
            while !Task.isCancelled {
                switch try await self.round() {
                case .nothing: return
                case .passed: failures = 0
                case .unavailable:
                    failures += 1
                    try await self.clock.sleep(for: self.policy.outagePause(afterFailures: failures))
                }
            }
        } catch is CancellationError {
            return
        } catch {
            self.logger.warning("inbox round failed", metadata: ["error": "\(error)"])
        }
    }

    private enum Round {
        case nothing, passed, unavailable
    }

    private func round() async throws -> Round {
        var result = Round.nothing
        var last: OrgID?
        while true {
            let after = last
            let orgs = try await self.postgres.run {
                try InboxRequestStore.orgs(after: after, atMost: Self.orgsAtOnce, on: $0)
            }
            guard !orgs.isEmpty else { return result }
            let events = try await self.claim(orgs)
            if !events.isEmpty {
                guard try await self.lane.finish(events) else { return .unavailable }
                result = .passed
            }
            last = orgs.last
        }
    }

    private func claim(_ orgs: [OrgID]) async throws -> [ClaimedEvent] {
        let (kind, lease) = (self.lane.kind, self.policy.lease)
        let limit = self.lane.state.isOpen ? Self.eventsAtOnce : Self.probe
        return try await self.postgres.transaction(for: orgs) { connection in
            let due = try InboxStore.due(kind, of: orgs, on: connection).prefix(limit)
            guard !due.isEmpty else { return [] }
            // Of many organizations each gets fewer, and the next round brings more.
            let share = max(1, min(Self.eventsOfEach, limit / due.count))
            return try InboxStore.claim(kind, atMost: share, ofEach: Array(due), lease: lease, on: connection)
        }
    }
}
