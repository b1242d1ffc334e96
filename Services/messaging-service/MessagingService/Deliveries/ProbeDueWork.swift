import Logging
import Postgres
import ServiceLifecycle
import Shared

/// Finds lanes whose messages became due: by time, or by another replica's commit.
///
/// A look at what became due since the last look is a range of one index, and is repeated every 50 ms. Two wider looks
/// stand behind it: each second over the last five, for rows that were committed late, and each 30 s over everything.
struct ProbeDueWork: Service {
    static let interval: Duration = .milliseconds(50)
    static let overlap: Duration = .seconds(5)
    static let looksPerOverlap = 20
    static let looksPerFull = 600

    let engine: PostgresPool
    let due: DueWork
    let clock: any Clock<Duration>
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var lastLook: Timestamp?
            var looks = 0
            while !Task.isCancelled {
                do {
                    lastLook = try await self.look(since: Self.start(of: looks, lastLook: lastLook))
                    looks += 1
                } catch {
                    self.logger.warning("due work not probed", metadata: ["error": "\(error)"])
                    lastLook = nil
                }
                try? await self.clock.sleep(for: Self.interval)
            }
        }
    }

    private static func start(of look: Int, lastLook: Timestamp?) -> Timestamp? {
        guard let lastLook, look % Self.looksPerFull != 0 else { return nil }
        return look % Self.looksPerOverlap == 0 ? lastLook - Self.overlap : lastLook
    }

    /// Adds the lanes with messages that became due after `time`, or all that are due when it is nil.
    ///
    /// - Returns: the database's clock at this look.
    @discardableResult
    func look(since time: Timestamp?) async throws -> Timestamp? {
        let rows = try await self.engine.run { connection in
            try connection.query(
                """
                WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now)
                SELECT clock.now, due.org_id, due.account_id
                  FROM clock LEFT JOIN (
                    SELECT DISTINCT org_id, account_id FROM outbox
                     WHERE state = 'queued' AND due_at <= clock_timestamp()
                       AND due_at > coalesce(\(time)::timestamptz, '-infinity')
                  ) AS due ON true
                """
            )
        }
        self.due.add(
            try rows.compactMap { row -> Lane? in
                guard let orgID: OrgID = try row.getIfPresent("org_id") else { return nil }
                return Lane(orgID: orgID, accountID: try row.get("account_id"))
            }
        )
        return try rows.first?.get("now")
    }
}
