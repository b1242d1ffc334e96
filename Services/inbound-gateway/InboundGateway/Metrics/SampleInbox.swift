import Logging
import Postgres
import ServiceLifecycle
import Shared

/// Measures each 15 s (`InboxPolicy.sampleInterval`) what still has to be passed on, and since when.
struct SampleInbox: Service {
    /// Events of one kind that are counted at most, so that a long backlog costs no more than a short one.
    static let most = 10_000

    let postgres: PostgresPool
    let lanes: [InboxLane]
    let metrics: InboxMetrics
    let policy: InboxPolicy
    let clock: any Clock<Duration>
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await self.sample()
                } catch {
                    if !(error is CancellationError) {
                        self.logger.debug("inbox not measured", metadata: ["error": "\(error)"])
                    }
                }
                try? await self.clock.sleep(for: self.policy.sampleInterval)
            }
        }
    }

    /// Looks at all organizations, as many at a time as `InboxWorker` does.
    func sample() async throws {
        for lane in self.lanes {
            var (count, age): (Int, Duration) = (0, .zero)
            var last: OrgID?
            while true {
                let after = last
                let orgs = try await self.postgres.run {
                    try InboxRequestStore.orgs(after: after, atMost: InboxWorker.orgsAtOnce, on: $0)
                }
                guard !orgs.isEmpty else { break }
                let limit = Self.most - count
                let found = try await self.postgres.transaction(for: orgs) { connection in
                    try InboxStore.waiting(lane.kind, of: orgs, atMost: limit, on: connection)
                }
                count += found.count
                age = max(age, found.age)
                last = orgs.last
            }
            self.metrics.waiting(lane.kind, count: count, age: age)
            self.metrics.lane(lane.kind, isOpen: lane.state.isOpen)
        }
    }
}

extension InboxStore {
    /// How many events of `orgs` wait, up to `limit`, and how long ago the oldest of those came.
    static func waiting(
        _ kind: InboxKind,
        of orgs: [OrgID],
        atMost limit: Int,
        on connection: isolated PostgresConnection
    ) throws -> (count: Int, age: Duration) {
        let row = try connection.query(
            """
            SELECT count(*) AS count,
                   coalesce((extract(epoch FROM now() - min(received_at)) * 1000000)::bigint, 0) AS age
              FROM (SELECT received_at FROM inbox_events
                     WHERE org_id = ANY (\(orgs)::uuid[]) AND kind = \(kind) AND state = 'pending'
                     LIMIT \(limit)::int) AS waiting
            """
        ).first
        return (try row?.get("count") ?? 0, .microseconds(try row?.get("age", as: Int.self) ?? 0))
    }
}
