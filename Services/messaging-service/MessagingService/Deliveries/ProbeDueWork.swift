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

    /// Which messages are looked at, by the time at which they became due.
    enum Window: Sendable, Equatable {
        case since(Timestamp)
        /// Within the overlap, by the database's clock.
        case recent
        case all
    }

    let engine: PostgresPool
    let due: DueWork
    let clock: any Clock<Duration>
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var lastLook: Timestamp?
            var looks = 0
            while !Task.isCancelled {
                lastLook = await self.attempt(Self.window(of: looks, lastLook: lastLook)) ?? lastLook
                looks += 1
                try? await self.clock.sleep(for: Self.interval)
            }
        }
    }

    /// Looks at what was committed in the last seconds: another replica said that there is something.
    func lookAgain() async {
        _ = await self.attempt(.recent)
    }

    /// - Returns: nil when the database could not be asked, or not in time; the next look then begins where the last
    ///   successful one ended.
    private func attempt(_ window: Window) async -> Timestamp? {
        do {
            return try await self.look(at: window)
        } catch {
            if !(error is CancellationError) {
                self.logger.warning("due work not probed", metadata: ["error": "\(error)"])
            }
            return nil
        }
    }

    private static func window(of look: Int, lastLook: Timestamp?) -> Window {
        guard look % Self.looksPerFull != 0 else { return .all }
        guard let lastLook else { return .recent }
        return look % Self.looksPerOverlap == 0 ? .recent : .since(lastLook)
    }

    /// Adds the lanes with messages that became due in `window`.
    ///
    /// - Returns: the database's clock at this look.
    private func look(at window: Window) async throws -> Timestamp? {
        let (since, recent): (Timestamp?, Int?) =
            switch window {
            case .since(let time): (time, nil)
            case .recent: (nil, Int(Self.overlap.microseconds))
            case .all: (nil, nil)
            }
        let rows = try await self.engine.run { connection in
            try connection.query(
                """
                WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now)
                SELECT clock.now, due.org_id, due.account_id
                  FROM clock LEFT JOIN (
                    SELECT DISTINCT org_id, account_id FROM outbox
                     WHERE state = 'queued' AND due_at <= clock_timestamp()
                       AND due_at > coalesce(\(since)::timestamptz,
                               now() - \(recent)::bigint * interval '1 microsecond', '-infinity')
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
