import MessagingService
import Shared

@testable import MessagingService

/// What `QueueStore` does: writing rows of the outbox and their lanes.
extension Tables {
    /// `QueueStore.makeLanes`.
    mutating func makeLanes(_ keys: [LaneKey]) -> [LaneKey: Lane] {
        var made: [LaneKey: Lane] = [:]
        for key in keys {
            let lane = self.lanes[key.index] ?? Lane(key: key)
            self.lanes[key.index] = lane
            made[key] = lane
        }
        return made
    }

    /// `QueueStore.save`, and then `promote` for each lane that was left leaderless.
    mutating func save(_ batch: QueueBatch, _ options: Saving) {
        for key in batch.removedRows { self.rows[key.id.index] = nil }
        for key in batch.changedRows {
            if let row = batch[key] { self.upsert(row) }
        }
        for key in batch.changedLanes {
            guard let lane = batch.lanes[key], !lane.isLeaderless else { continue }
            // An update: a lane that does not exist stays so.
            if self.lanes[key.index] != nil { self.lanes[key.index] = lane }
        }
        for key in batch.leaderless {
            if let lane = batch.lanes[key] { self.promote(in: lane, options) }
        }
    }

    /// Of a row that is there the lane and the account stay as they are, and the lease ends.
    private mutating func upsert(_ new: QueueRow) {
        let index = new.key.id.index
        var row = self.rows[index] ?? new
        (row.state, row.place, row.dueAt, row.holdUntil) = (new.state, new.place, new.dueAt, new.holdUntil)
        (row.checks, row.failingSince, row.crashes) = (new.checks, new.failingSince, new.crashes)
        (row.expiresAt, row.epoch, row.heldBy, row.lease) = (new.expiresAt, new.epoch, new.heldBy, nil)
        self.rows[index] = row
    }

    private mutating func promote(in lane: Lane, _ options: Saving) {
        let waiting = self.waiting(in: lane.key)
        var lane = lane
        guard !waiting.isEmpty else {
            self.lanes[lane.key.index] = Lane(key: lane.key, nextPlace: lane.nextPlace, head: nil, freeAt: lane.freeAt)
            return
        }
        let index = waiting[min(options.promoted, waiting.count - 1)]
        self.rows[index]?.state = .ready
        self.rows[index]?.dueAt = max(options.now, lane.freeAt ?? options.now)
        lane.promote(Names.message(index))
        self.lanes[lane.key.index] = lane
    }

    /// The messages that wait in a lane, in the order of their places.
    private func waiting(in key: LaneKey) -> [Int] {
        self.rows.indices.filter { self.rows[$0]?.state == .waiting && self.rows[$0]?.laneKey == key }
            .sorted { (self.rows[$0]?.place ?? 0) < (self.rows[$1]?.place ?? 0) }
    }
}
