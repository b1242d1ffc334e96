import InternalAPI
package import Shared

/// Rows of the queue and their lanes while moves are made, under the locks of both.
///
/// A value without any I/O: `QueueStore` reads it, and writes what changed. Who becomes the head of a lane that was left
/// leaderless is not known here; the store looks it up, and the simulation too.
package struct QueueBatch: Sendable {
    package private(set) var rows: [MessageKey: QueueRow]
    package private(set) var lanes: [LaneKey: Lane]
    package private(set) var changedRows: Set<MessageKey> = []
    package private(set) var removedRows: Set<MessageKey> = []
    package private(set) var changedLanes: Set<LaneKey> = []

    package init(rows: [MessageKey: QueueRow], lanes: [LaneKey: Lane]) {
        self.rows = rows
        self.lanes = lanes
    }

    package subscript(key: MessageKey) -> QueueRow? { self.rows[key] }

    /// Makes a move with a message that may not be in the queue yet: then `row` says what it would be.
    package mutating func make(
        _ move: QueueMove,
        with key: MessageKey,
        orNew newRow: @autoclosure () -> QueueRow,
        now: Timestamp,
        rules: QueueRow.Rules
    ) -> QueueRow.Effect {
        guard var row = self.rows[key] ?? (move == .remove ? nil : newRow()) else { return .none }
        var lane = self.lanes[row.laneKey] ?? Lane(key: row.laneKey)
        let before = lane
        let effect = row.make(move, in: &lane, now: now, rules: rules)
        if lane != before {
            self.lanes[row.laneKey] = lane
            self.changedLanes.insert(row.laneKey)
        }
        if move == .remove {
            self.rows[key] = nil
            self.changedRows.remove(key)
            self.removedRows.insert(key)
        } else {
            self.rows[key] = row
            self.changedRows.insert(key)
        }
        return effect
    }

    /// Lets the next attempt have a greater number than one that this database had not begun: it was restored, and a worker's
    /// journal told of it.
    mutating func note(attempt number: Int, of key: MessageKey) {
        guard var row = self.rows[key], row.state != .leased, row.epoch < number else { return }
        row.epoch = number
        self.rows[key] = row
        self.changedRows.insert(key)
    }

    /// Takes in lanes that were made and locked after the others.
    mutating func add(_ lanes: [LaneKey: Lane]) {
        self.lanes.merge(lanes) { $1 }
    }

    /// Counts that a worker ended without a word while it held the message, and remembers which; or forgets it, because the
    /// worker told what became of the attempt.
    ///
    /// To be called after the move: a row that is leased again is another attempt's.
    package mutating func note(_ crash: Settlement.Crash, of key: MessageKey, before: QueueRow?) {
        guard var row = self.rows[key], row.state != .leased else { return }
        row.crashes = (before ?? row).crashes(after: crash)
        switch crash {
        case .none:
            return
        case .counted:
            row.heldBy = row.state == .uncertain || row.state == .held ? before?.lease?.worker : nil
        case .recovered, .forgotten:
            row.heldBy = nil
        }
        guard row != self.rows[key] else { return }
        self.rows[key] = row
        self.changedRows.insert(key)
    }

    /// Lanes in which somebody waits and nobody is first.
    package var leaderless: [LaneKey] {
        self.changedLanes.filter { self.lanes[$0]?.isLeaderless ?? false }.sorted()
    }

    /// The accounts of rows that can be claimed now, for waking who waits: of all that were locked, because a claim passes over
    /// them meanwhile.
    package func due(at now: (OrgID) -> Timestamp) -> [DueAccount] {
        self.rows.compactMap { key, row in
            guard row.state == .ready, row.dueAt <= now(key.orgID) else { return nil }
            return DueAccount(row.account, Urgency(row.category))
        }
    }
}

/// An account with a message that can be claimed.
package struct DueAccount: Hashable, Sendable {
    package let account: AccountKey
    package let urgency: Urgency

    package init(_ account: AccountKey, _ urgency: Urgency) {
        self.account = account
        self.urgency = urgency
    }
}
