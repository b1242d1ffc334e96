import Postgres
import Shared

/// Messages with all that decides about them, under the locks of the messages, their lanes and their rows of the queue.
struct LockedMessages: Sendable {
    var settlements: [MessageKey: Settlement]
    var queue: QueueBatch
    /// Read without their locks: what changes them is `FlowStore.lock`.
    let flows: [AccountKey: AccountFlow]
    let clock: OrgClocks
    /// Reports that waited for what is known now.
    var reports: [MatchedReport] = []

    /// For accounts without a flow, of which there are none.
    private static let ordinaryRules = QueueRow.Rules(
        patience: AccountFlow.Limits.ordinaryPatience,
        pairInterval: .zero
    )

    /// Lanes that are entered and may not exist yet.
    var missingLanes: [LaneKey] {
        let wanted = self.settlements.values.compactMap { settlement -> LaneKey? in
            guard let move = settlement.move, move != .remove else { return nil }
            return settlement.stored.laneKey
        }
        return Set(wanted).filter { self.queue.lanes[$0] == nil }
    }

    /// Makes the moves that the settlements decided on, in the order in which the messages were due: of two that enter a lane
    /// together the earlier one goes first.
    mutating func makeMoves() {
        let order = self.settlements.keys.map { key in (due: self.queue[key]?.dueAt ?? .distantFuture, key: key) }
        for (_, key) in order.sorted(by: { ($0.due, $0.key) < ($1.due, $1.key) }) {
            guard let settlement = self.settlements[key], settlement.isChanged else { continue }
            let before = self.queue[key]
            defer { self.queue.note(settlement.crash, of: key, before: before) }
            guard let move = settlement.move else { continue }
            let effect = self.queue.make(
                move,
                with: key,
                orNew: settlement.stored.newRow(epoch: settlement.latestAttempt),
                now: self.clock.now(of: key.orgID),
                rules: self.flows[settlement.stored.account]?.limits.rules ?? Self.ordinaryRules
            )
            self.queue.note(attempt: settlement.latestAttempt, of: key)
            if effect == .steppedAside { self.settlements[key]?.noteSteppedAside() }
        }
    }

    var changed: [Settlement] {
        self.settlements.keys.sorted().compactMap { self.settlements[$0] }.filter(\.isChanged)
    }
}

/// The time by the database's clock, and by those of sandbox organizations, which may be ahead of it.
struct OrgClocks: Sendable {
    let databaseNow: Timestamp
    /// Of sandbox organizations: their schedules are exact, so that tests can count on them.
    let offsets: [OrgID: Duration]

    /// A factor for waits: by chance, and 1 in a sandbox.
    func jitter(of orgID: OrgID, _ chance: () -> Double) -> Double { self.offsets[orgID] == nil ? chance() : 1 }

    func now(of orgID: OrgID) -> Timestamp { self.databaseNow + self.offset(of: orgID) }

    func offset(of orgID: OrgID) -> Duration { self.offsets[orgID] ?? .zero }

    /// The time, and how far the clocks of sandbox organizations among `orgs` are ahead.
    static func read(_ orgs: [OrgID]) -> SQL {
        """
        SELECT now.at, s.org_id, s.clock_offset
          FROM (SELECT clock_timestamp() AS at) AS now
          LEFT JOIN org_settings s ON s.org_id = ANY (\(orgs)::uuid[]) AND s.sandbox
        """
    }

    init(databaseNow: Timestamp, offsets: [OrgID: Duration] = [:]) {
        self.databaseNow = databaseNow
        self.offsets = offsets
    }

    init(_ rows: [Row]) throws {
        guard let first = rows.first else { throw PostgresError.decoding(column: "at", type: "Timestamp") }
        var offsets: [OrgID: Duration] = [:]
        for row in rows {
            guard let orgID: OrgID = try row.getIfPresent("org_id") else { continue }
            offsets[orgID] = .microseconds(try row.get("clock_offset", as: Int.self))
        }
        self.init(databaseNow: try first.get("at"), offsets: offsets)
    }
}
