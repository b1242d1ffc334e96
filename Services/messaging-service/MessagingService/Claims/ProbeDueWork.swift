import Logging
import Postgres
import ServiceLifecycle
import Shared

/// Finds accounts whose messages became due: by time, or by another replica's commit.
///
/// A look at what became due since the last look is a range of one index, and is repeated every 50 ms, or when the next
/// message is due. Two wider looks stand behind it: each second over the last five, for rows that were committed late, and
/// each 30 s over everything. Where more became due than a look reads, one follows at once that asks for each account whether
/// anything did, however much there is: within the same time, so that it reads nothing of what an open snapshot keeps from before.
struct ProbeDueWork: Service {
    static let interval: Duration = .milliseconds(50)
    /// However close together messages are due.
    static let leastInterval: Duration = .milliseconds(5)
    static let overlap: Duration = .seconds(5)
    static let looksPerOverlap = 20
    static let looksPerFull = 600
    /// Messages that a look within a time reads: some milliseconds.
    static let mostRead = 5000

    /// Which messages are looked at, by the time at which they became due.
    enum Window: Sendable, Equatable {
        case since(Timestamp)
        /// Within the overlap, by the database's clock.
        case recent
        case all
    }

    let engine: PostgresPool
    let due: DueWork
    let sweep: SweepSandbox
    let clock: any Clock<Duration>
    let logger: Logger
    private let gate = LookGate()

    init(engine: PostgresPool, due: DueWork, sweep: SweepSandbox, clock: any Clock<Duration>, logger: Logger) {
        self.engine = engine
        self.due = due
        self.sweep = sweep
        self.clock = clock
        self.logger = logger
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var lastLook: Timestamp?
            var looks = 0
            var failures = FailureCount()
            while !Task.isCancelled {
                var look: Look?
                do {
                    look = try await self.look(at: Self.window(of: looks, lastLook: lastLook))
                    failures.succeeded()
                } catch {
                    // The next look begins where the last successful one ended.
                    failures.failed("due work not probed", error, self.logger)
                }
                lastLook = look?.at ?? lastLook
                looks += 1
                let pause = min(Self.interval, look?.untilNext ?? Self.interval)
                try? await self.clock.sleep(for: max(pause, Self.leastInterval))
            }
        }
    }

    /// Looks at what was committed in the last seconds: another replica said that there is something.
    ///
    /// A look that fails is made up for by the next of `run`.
    func lookAgain() async {
        try? await self.gate { _ = try await self.look(at: .recent) }
    }

    /// Looks at everything: accounts that stood outside may be claimed from again.
    func lookAtAll() async {
        _ = try? await self.look(at: .all)
    }

    private struct Look: Sendable {
        /// By the database's clock.
        let at: Timestamp
        /// Until the next message is due; nil when none is planned.
        let untilNext: Duration?
    }

    private static func window(of look: Int, lastLook: Timestamp?) -> Window {
        guard look % Self.looksPerFull != 0 else { return .all }
        guard let lastLook else { return .recent }
        return look % Self.looksPerOverlap == 0 ? .recent : .since(lastLook)
    }

    /// Adds the accounts with messages that became due in `window`.
    ///
    /// `now()` and not `clock_timestamp()`: only the first bounds a walk along an index. These are statements outside any
    /// transaction, so both say the same.
    private func look(at window: Window) async throws -> Look? {
        let statements = [Self.clock, Self.dueAccounts(in: window)] + (window.isWide ? [Self.sandboxes] : [])
        let results = try await self.engine.run { connection in try connection.pipeline(statements) }
        self.due.add(try results[1].map { try DueAccount($0) })
        if window != .all, try results[1].reduce(0, { $0 + (try $1.get("read")) }) == Self.mostRead {
            let rest = try await self.engine.run { try $0.query(Self.eachDueAccount(in: window)) }
            self.due.add(try rest.map { try DueAccount($0) })
        }
        if window.isWide {
            for row in results[2] { self.due.add(try await self.sweep.sweep(try row.get("org_id"))) }
        }
        guard let clock = results[0].first else { return nil }
        let now: Timestamp = try clock.get("now")
        let next: Timestamp? = try clock.getIfPresent("next_due_at")
        return Look(at: now, untilNext: next.map { $0 - now })
    }

    /// The time, and when the next message is due.
    static let clock: SQL = """
        SELECT now() AS now,
               (SELECT min(due_at) FROM outbox
                 WHERE state IN ('ready', 'uncertain') AND place IS NOT NULL AND due_at > now()) AS next_due_at
        """

    /// The accounts of what became due in `window`.
    static func dueAccounts(in window: Window) -> SQL {
        guard window != .all else { return self.eachDueAccount(in: .all) }
        return """
            SELECT org_id, account_id, urgent, count(*) AS read
              FROM (SELECT org_id, account_id, urgent FROM outbox
                     WHERE state IN ('ready', 'uncertain') AND place IS NOT NULL AND \(window.contains("due_at"))
                     ORDER BY due_at LIMIT \(Self.mostRead)::int) AS o
             GROUP BY 1, 2, 3
            """
    }

    /// The same by a look at each account, however many messages it has.
    static func eachDueAccount(in window: Window) -> SQL {
        let isDue = window.contains("o.due_at")
        return """
            SELECT f.org_id, f.account_id, kind.urgent FROM account_flows f
             CROSS JOIN (VALUES (true), (false)) AS kind (urgent)
             WHERE CASE WHEN kind.urgent THEN
                   EXISTS (SELECT FROM outbox o WHERE o.org_id = f.org_id AND o.account_id = f.account_id
                              AND o.class = 0 AND o.state = 'ready' AND o.crashes = 0 AND \(isDue))
                   ELSE EXISTS (SELECT FROM outbox o WHERE o.org_id = f.org_id AND o.account_id = f.account_id
                                   AND o.class = 1 AND o.state = 'ready' AND o.crashes = 0 AND \(isDue))
                     OR EXISTS (SELECT FROM outbox o WHERE o.org_id = f.org_id AND o.account_id = f.account_id
                                   AND o.class = 2 AND o.state = 'ready' AND o.crashes = 0 AND \(isDue))
                     OR EXISTS (SELECT FROM outbox o WHERE o.org_id = f.org_id AND o.account_id = f.account_id
                                   AND o.state = 'ready' AND o.crashes > 0 AND \(isDue))
                     OR EXISTS (SELECT FROM outbox o WHERE o.org_id = f.org_id AND o.account_id = f.account_id
                                   AND o.state = 'uncertain' AND \(isDue))
                   END
            """
    }

    /// Organizations whose clock is ahead of the database's: what is due by it is found by itself.
    private static let sandboxes: SQL = "SELECT org_id FROM org_settings WHERE clock_offset > 0"
}

extension DueAccount {
    fileprivate init(_ row: Row) throws(PostgresError) {
        let isUrgent: Bool = try row.get("urgent")
        let account = AccountKey(orgID: try row.get("org_id"), accountID: try row.get("account_id"))
        self.init(account, isUrgent ? .otp : .ordinary)
    }
}

extension ProbeDueWork.Window {
    /// Whether the time in `column` is in it.
    fileprivate func contains(_ column: SQL) -> SQL {
        switch self {
        case .since(let time): "\(column) > \(time) AND \(column) <= now()"
        case .recent:
            """
            \(column) > now() - \(Int(ProbeDueWork.overlap.microseconds))::bigint * interval '1 microsecond' AND \(column) <= now()
            """
        case .all: "\(column) <= now()"
        }
    }

    /// Whether it is looked at seldom.
    fileprivate var isWide: Bool {
        switch self {
        case .since: false
        case .recent, .all: true
        }
    }
}
