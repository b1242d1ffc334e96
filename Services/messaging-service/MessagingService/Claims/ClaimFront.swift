package import Shared

/// From when on messages of an account may be due that nobody has claimed, by class.
package struct ClaimFront: Sendable, Equatable {
    /// What is committed late, or was locked while it was looked at, may lie before what was claimed.
    static let margin: Duration = .seconds(2)
    static let beginning = ClaimFront(times: Array(repeating: .epoch, count: Shared.Category.allCases.count))

    /// In the order of the classes.
    private(set) var times: [Timestamp]

    package func time(of rank: Int) -> Timestamp { self.times[rank] }

    /// The front after a claim of up to `limit` messages of the classes up to `last`, which brought `claimed`.
    func after(_ claimed: [ClaimedRow], limit: Int, last: Int, now: Timestamp) -> ClaimFront {
        var front = self
        // Where the limit was reached, later classes were not looked at.
        let isFull = claimed.count >= limit
        let reached = isFull ? claimed.map(\.rank).max() ?? 0 : last
        for rank in 0...reached {
            let dueAt = isFull && rank == reached ? claimed.filter { $0.rank == rank }.map(\.dueAt).max() : now
            front.times[rank] = max(front.times[rank], (dueAt ?? now) - Self.margin)
        }
        return front
    }
}

/// Accounts have a front for each walk: that of one-time codes ends where the others go on.
struct ClaimWalk: Hashable, Sendable {
    let account: AccountKey
    /// The last class that it looks at.
    let last: Int
}

extension ClaimStore.Share {
    /// Nil of a kind that leaves some behind, and in a sandbox: its clock may be ahead of the times of its messages.
    func walk(by clocks: OrgClocks) -> ClaimWalk? {
        guard let last = self.kind.lastRank, clocks.offsets[self.account.orgID] == nil else { return nil }
        return ClaimWalk(account: self.account, last: last)
    }
}

/// What one share of a claim looked at.
struct ClaimLook: Sendable {
    let walk: ClaimWalk
    let share: ClaimStore.Share
    let claimed: [ClaimedRow]
    let time: Range<ContinuousClock.Instant>

    /// Whether it began at the beginning.
    var isWhole: Bool { self.share.front == .beginning }

    func note(in fronts: QueueFronts<ClaimWalk, ClaimFront>) {
        let next = self.share.front.after(
            self.claimed,
            limit: self.share.limit,
            last: self.walk.last,
            now: self.share.now
        )
        guard self.isWhole else { return fronts.looked(at: self.walk, upTo: next) }
        let cost = self.time.lowerBound.duration(to: self.time.upperBound)
        fronts.lookedWholly(at: self.walk, upTo: next, for: cost, until: self.time.upperBound)
    }
}

extension ClaimMessages {
    /// A share that begins where its walk's last look ended, while it is dear to begin before.
    func begun(_ share: ClaimStore.Share, _ clocks: OrgClocks, at now: ContinuousClock.Instant) -> ClaimStore.Share {
        guard let walk = share.walk(by: clocks), let front = self.fronts.front(of: walk, at: now) else { return share }
        var share = share
        share.front = front
        return share
    }

    func note(_ looks: [ClaimLook]) {
        for look in looks { look.note(in: self.fronts) }
    }

    /// Notes a claim that failed, maybe because a look took too long.
    func noteFailure(of accounts: [DueAccount], since began: ContinuousClock.Instant) {
        let now = ContinuousClock.now
        for account in accounts {
            for category in [Shared.Category.otp, .marketing] {
                let walk = ClaimWalk(account: account.account, last: category.priority)
                self.fronts.failedWholly(at: walk, after: began.duration(to: now), until: now)
            }
        }
    }
}
