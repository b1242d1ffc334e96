import MessagingService
import Shared

@testable import MessagingService

/// What must hold after each transaction.
extension Truth {
    /// Looks at what a committed transaction changed.
    func committed(_ cause: Cause, before: Tables, after: Tables) {
        while self.attempts.count < after.messages.count {
            self.attempts.append([])
            self.decidedAt.append(nil)
            self.isResolved.append(false)
        }
        var claims = Array(repeating: 0, count: after.flows.count)
        for index in after.messages.indices {
            let old = index < before.messages.count ? before.rows[index] : nil
            if let row = after.rows[index], row != old {
                self.check(row)
                if row.state == .leased, row.epoch != old?.epoch || old?.state != .leased {
                    claims[row.accountID.index] += 1
                    self.checkClaim(of: row, old, before: before)
                }
            }
            self.checkMessage(index, cause, before: before, after: after)
        }
        for lane in after.lanes.indices { self.checkLane(lane, before: before, after: after) }
        for account in claims.indices where claims[account] > 0 {
            self.checkClaims(claims[account], of: account, before: before, after: after)
        }
        self.see(cause, before: before, after: after)
    }

    /// The constraints of the table `outbox`.
    private func check(_ row: QueueRow) {
        let name = "message \(row.key.id.index), \(row.state)"
        if (row.place != nil) != row.state.hasPlace { self.world.fail("constraint outbox_place: \(name)") }
        if row.state == .uncertain, row.holdUntil == nil { self.world.fail("constraint outbox_hold: \(name)") }
        if (row.state == .leased) != (row.lease != nil) { self.world.fail("constraint outbox_lease: \(name)") }
        if row.heldBy != nil, row.state != .uncertain, row.state != .held {
            self.world.fail("constraint outbox_holder: \(name)")
        }
    }

    /// The constraints of `lanes`, the indexes `outbox_head` and `outbox_waiting`, and that the counts are right.
    private func checkLane(_ index: Int, before: Tables, after: Tables) {
        var heads: [MessageID] = []
        var places: Set<Int> = []
        var waiting = 0
        for case .some(let row) in after.rows where row.state.hasPlace && row.laneKey.index == index {
            if row.state.isHead { heads.append(row.key.id) } else { waiting += 1 }
            let place = row.place ?? 0
            if !places.insert(place).inserted { self.world.fail("lane \(index): place \(place) is taken twice") }
            if place >= after.lanes[index]?.nextPlace ?? 0 {
                self.world.fail("lane \(index): place \(place) was never given")
            }
        }
        if heads.count > 1 { self.world.fail("lane \(index) has two heads: \(heads.map(\.index))") }
        guard let lane = after.lanes[index] else { return }
        if lane.head != heads.first {
            let (said, real) = (lane.head?.index ?? -1, heads.first?.index ?? -1)
            self.world.fail("lane \(index) says that its head is \(said), and it is \(real)")
        }
        if lane.waiting != waiting {
            self.world.fail("lane \(index) says that \(lane.waiting) wait, and \(waiting) do")
        }
        if lane.isLeaderless { self.world.fail("lane \(index) has nobody first, and \(waiting) wait") }
        if lane.nextPlace < before.lanes[index]?.nextPlace ?? 0 { self.world.fail("lane \(index) gives places again") }
    }
}
