import AuditTrail
import Postgres
import Shared

/// Moves a sandbox organization's clock forward, from event to event: what becomes due on the way is done at its time.
///
/// A schedule of hours is over in the time that its attempts take. Nobody else's clock moves.
struct AdvanceClock: Sendable {
    /// How long the engine and a worker may take for one step.
    static let patience: Duration = .seconds(5)
    /// How often it is looked whether a step is over.
    static let pollInterval: Duration = .milliseconds(2)
    /// Steps in one call; a schedule has 20 at most, and a call that finds more says so.
    static let mostSteps = 1000
    /// What comes so soon after the end still happens, and what comes later by no more than the call has taken: delays count from
    /// the end of an attempt, and a schedule of 7 h 21 min is to be over after 7 h 21 min.
    static let grace: Duration = .seconds(1)
    /// In one call.
    static let longest: Duration = .seconds(366 * 86_400)

    let postgres: PostgresPool
    let sweep: SweepSandbox
    let due: DueWork
    let clock: any Clock<Duration>

    struct Reading: Sendable {
        let now: Timestamp
        let offset: Duration
        var steps = 0

        var json: JSONValue {
            .object(members: [
                ("now", .text(self.now)), ("offset_ms", .number(JSONNumber(Int(self.offset.milliseconds)))),
                ("steps", .number(JSONNumber(self.steps))),
            ])
        }
    }

    enum Target: Sendable {
        case by(Duration)
        case to(Timestamp)
    }

    /// - Throws: `Problem` `not-a-sandbox` (409), `clock-target-invalid` (422), `clock-stuck` (503).
    func callAsFunction(_ target: Target, for acting: Acting, requestID: String) async throws -> Reading {
        let began = ContinuousClock.now
        let start = try await self.read(acting.orgID)
        let end: Timestamp =
            switch target {
            case .by(let duration): start.now + duration
            case .to(let time): time
            }
        guard end >= start.now, end <= start.now + Self.longest else { throw Problem.clockTargetInvalid(start.now) }
        var steps = 0
        try await self.settleDown(acting.orgID)
        while let next = try await self.nextEvent(
            of: acting.orgID,
            until: end + Self.grace + began.duration(to: .now)
        ) {
            guard steps < Self.mostSteps else {
                throw Problem.clockStuck("There were more than \(Self.mostSteps) steps.")
            }
            steps += 1
            try await self.set(next, of: acting.orgID)
            try await self.settleDown(acting.orgID)
        }
        try await self.set(end, of: acting.orgID)
        try await self.settleDown(acting.orgID)
        let act = Act(.advanceClock, by: acting.actor, requestID: requestID, detail: ["to": .text(end)])
        try await self.postgres.transaction(for: [acting.orgID]) { connection in
            let record = AuditRecord(act, on: .queue, acting.orgID.uuid, of: acting.orgID)
            _ = try connection.query(AuditStore.insert([record]))
        }
        var reading = try await self.read(acting.orgID)
        reading.steps = steps
        return reading
    }

    /// - Throws: `Problem` `not-a-sandbox` (409).
    func read(_ orgID: OrgID) async throws -> Reading {
        let rows = try await self.postgres.transaction(for: [orgID]) { connection in
            try connection.query(
                """
                SELECT clock_timestamp() + clock_offset * interval '1 microsecond' AS now, clock_offset
                  FROM org_settings WHERE org_id = \(orgID) AND sandbox
                """
            )
        }
        guard let row = rows.first else { throw Problem.notASandbox }
        return Reading(now: try row.get("now"), offset: .microseconds(try row.get("clock_offset", as: Int.self)))
    }

    /// The clock goes on from there by itself; it never goes back.
    private func set(_ time: Timestamp, of orgID: OrgID) async throws {
        try await self.postgres.transaction(for: [orgID]) { connection in
            _ = try connection.query(
                """
                UPDATE org_settings SET clock_offset = greatest(clock_offset,
                    (extract(epoch FROM \(time)::timestamptz - clock_timestamp()) * 1000000)::bigint)
                 WHERE org_id = \(orgID) AND sandbox
                """
            )
        }
    }

    /// When the next thing happens by itself: an attempt, a place, the end of a hold, or of a message's time.
    private func nextEvent(of orgID: OrgID, until end: Timestamp) async throws -> Timestamp? {
        let rows = try await self.postgres.transaction(for: [orgID]) { connection in
            try connection.query(
                """
                SELECT min(at) AS at FROM (
                    SELECT CASE WHEN o.state = 'uncertain' THEN o.hold_until ELSE o.due_at END AS at FROM outbox o
                     WHERE o.org_id = \(orgID) AND o.state IN ('scheduled', 'ready', 'uncertain')
                    UNION ALL
                    SELECT o.expires_at FROM outbox o
                     WHERE o.org_id = \(orgID) AND o.state IN ('scheduled', 'waiting', 'ready')
                    UNION ALL
                    SELECT unnest(ARRAY[f.probe_at, f.refilled_at]) FROM account_flows f
                     WHERE f.org_id = \(orgID) AND EXISTS (
                        SELECT FROM outbox o WHERE o.org_id = f.org_id AND o.account_id = f.account_id AND o.state = 'ready')
                  ) AS events
                 WHERE at > (SELECT clock_timestamp() + clock_offset * interval '1 microsecond'
                               FROM org_settings WHERE org_id = \(orgID))
                   AND at <= \(end)
                """
            )
        }
        return try rows.first?.getIfPresent("at")
    }

    /// Lets everything that is due now happen, and waits until it has.
    private func settleDown(_ orgID: OrgID) async throws {
        let deadline = ContinuousClock.now + Self.patience
        while true {
            _ = try await self.sweep.sweep(orgID)
            let open = try await self.openWork(of: orgID)
            guard !open.isEmpty else { return }
            self.due.add(open)
            guard ContinuousClock.now < deadline else {
                throw Problem.clockStuck(
                    "Messages are due and no worker sends them: is one running, is the queue paused?"
                )
            }
            try await self.clock.sleep(for: Self.pollInterval)
        }
    }

    /// The accounts with messages that are due or in a worker's hands.
    private func openWork(of orgID: OrgID) async throws -> [DueAccount] {
        try await self.postgres.transaction(for: [orgID]) { connection in
            try connection.query(
                """
                SELECT DISTINCT o.account_id, o.urgent
                  FROM (SELECT clock_timestamp() + clock_offset * interval '1 microsecond' AS now
                          FROM org_settings WHERE org_id = \(orgID)) AS clock
                  JOIN outbox o ON o.org_id = \(orgID)
                  JOIN account_flows f ON f.org_id = o.org_id AND f.account_id = o.account_id
                 WHERE o.state = 'leased' OR (o.state = 'ready' AND o.due_at <= clock.now
                        AND (f.gate IN ('open', 'recovering') OR f.probe_at <= clock.now)
                        AND f.refilled_at <= clock.now)
                """
            ).map { row in
                let isUrgent: Bool = try row.get("urgent")
                return DueAccount(
                    AccountKey(orgID: orgID, accountID: try row.get("account_id")),
                    isUrgent ? .otp : .ordinary
                )
            }
        }
    }
}

extension Problem {
    fileprivate static let notASandbox = Problem(
        code: "not-a-sandbox",
        status: 409,
        title: "Only a sandbox organization has a clock that can be moved; it is made with \"sandbox\": true."
    )

    fileprivate static func clockTargetInvalid(_ now: Timestamp) -> Problem {
        Problem(
            code: "clock-target-invalid",
            status: 422,
            title: "The clock goes forward only, and a year at most in one call.",
            detail: "It is \(now)."
        )
    }

    fileprivate static func clockStuck(_ detail: String) -> Problem {
        Problem(code: "clock-stuck", status: 503, title: "The clock could not go all the way.", detail: detail)
    }
}
