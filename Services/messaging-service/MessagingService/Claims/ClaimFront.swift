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

/// What one share of a claim looked at.
struct ClaimLook: Sendable {
    private let share: ClaimStore.Share
    private let claimed: [ClaimedRow]
    private let time: Range<ContinuousClock.Instant>

    init(_ share: ClaimStore.Share, _ claimed: [ClaimedRow], _ time: Range<ContinuousClock.Instant>) {
        self.share = share
        self.claimed = claimed
        self.time = time
    }

    var account: AccountKey { self.share.account }
    /// Whether it began at the beginning.
    var isWhole: Bool { self.share.front == .beginning }

    func note(in fronts: QueueFronts<AccountKey, ClaimFront>) {
        guard let last = self.share.kind.lastRank else { return }
        let next = self.share.front.after(self.claimed, limit: self.share.limit, last: last, now: self.share.now)
        if self.isWhole {
            fronts.lookedWholly(
                at: self.account,
                upTo: next,
                for: self.time.lowerBound.duration(to: self.time.upperBound),
                until: self.time.upperBound
            )
        } else {
            fronts.looked(at: self.account, upTo: next)
        }
    }
}

extension ClaimMessages {
    /// A share that begins where the account's last one ended, while it is dear to begin before.
    func begun(_ share: ClaimStore.Share, at now: ContinuousClock.Instant) -> ClaimStore.Share {
        guard share.kind.lastRank != nil, let front = self.fronts.front(of: share.account, at: now) else {
            return share
        }
        var share = share
        share.front = front
        return share
    }

    func note(_ looks: [ClaimLook]) {
        for look in looks { look.note(in: self.fronts) }
    }
}
