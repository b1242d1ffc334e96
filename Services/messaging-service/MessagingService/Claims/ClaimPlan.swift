import Postgres
package import Shared

/// What a lease may take of one account: decided under the lock of the account's flow, without any I/O.
package struct ClaimPlan: Sendable {
    package var flow: AccountFlow
    package let now: Timestamp
    package let shares: [ClaimStore.Share]
    package let allowance: AccountFlow.Allowance
    /// How much was wanted, for telling whether there may be more.
    package let wanted: Int
    let provider: ProviderKind
    let rules: SendingRules
    let mayUseSMS: Bool
    let isDeleted: Bool
    /// Whether there were messages that go one at a time; taking one may leave more.
    let hasSuspects: Bool
    private let isPaused: Bool
    private let inFlight: Int
    private var hasTaken = false

    /// - Parameters:
    ///   - standing: the account, with its flow under its lock.
    ///   - wanted: the account's part of the lease.
    ///   - wish: what the worker has slots for.
    ///   - suspects: how many it may take that were in flight when a worker crashed.
    ///   - now: by the organization's clock.
    init(
        _ standing: AccountStanding,
        wanted: Int,
        wish: DueWork.Wish,
        suspects: Int,
        now: Timestamp
    ) {
        var flow = standing.flow
        self.now = now
        self.wanted = wanted
        self.provider = standing.provider
        self.rules = standing.rules
        self.mayUseSMS = standing.mayUseSMS
        self.isDeleted = standing.isDeleted
        self.hasSuspects = standing.hasSuspects && !standing.isPaused
        self.isPaused = standing.isPaused
        self.inFlight = standing.inFlight
        guard !standing.isPaused else {
            (self.flow, self.shares, self.allowance) = (flow, [], .none(until: nil))
            return
        }
        let allowance = flow.allow(wanted, inFlight: standing.inFlight, now: now)
        let account = flow.account
        var shares: [ClaimStore.Share] = []
        var left = allowance.count
        if standing.hasSuspects, suspects > 0, left > 0, wish == .anything {
            shares.append(.init(account: account, limit: min(suspects, left), now: now, kind: .suspect))
            left -= min(suspects, left)
        }
        if left > 0 {
            switch (wish, allowance.repetitions) {
            case (.urgentOnly, _):
                shares.append(.init(account: account, limit: left, now: now, kind: .urgent))
            case (.anything, nil):
                shares.append(.init(account: account, limit: left, now: now, kind: .all))
            case (.anything, let repetitions?):
                // Where all may be repetitions, all may be anything: a part kept for them could stay empty.
                guard repetitions < left else {
                    shares.append(.init(account: account, limit: left, now: now, kind: .all))
                    break
                }
                if repetitions > 0 {
                    shares.append(.init(account: account, limit: repetitions, now: now, kind: .repeated))
                    left -= repetitions
                }
                if left > 0 { shares.append(.init(account: account, limit: left, now: now, kind: .first)) }
            }
        }
        (self.flow, self.shares, self.allowance) = (flow, shares, allowance)
    }

    /// Notes what the claim brought, by the number of each attempt; `jitter` is a factor in 1...1.2.
    package mutating func took(_ epochs: [Int], jitter: Double) {
        self.flow.took(epochs.count, repetitions: epochs.count { $0 > 1 }, now: self.now, jitter: jitter)
        self.hasTaken = true
    }

    /// Whether the claim changed what limits the account.
    var mustBeSaved: Bool { self.hasTaken && (self.flow.limits.rate != nil || self.flow.gate != .open) }

    /// When more may be claimed than was allowed now; a probe that was just sent has its own time.
    var nextAt: Timestamp? {
        // Who continues a queue wakes the walk.
        guard !self.isPaused else { return nil }
        switch self.flow.gate {
        case .open: return self.allowance.nextAt
        case .recovering: return max(self.allowance.nextAt ?? self.now, self.now + Self.recoveringPause)
        case .parked, .outage: return self.flow.probeAt.map { max($0, self.allowance.nextAt ?? $0) }
        }
    }

    /// While a provider recovers more is allowed with each answer, and repetitions with time.
    private static let recoveringPause: Duration = .milliseconds(100)

    /// Until when nothing more can be claimed, whatever is added; nil when something can, or could with the next answer of
    /// the provider.
    func restEnd(after taken: Int) -> Timestamp? {
        if self.isPaused { return .distantFuture }
        guard taken == self.allowance.count, taken < self.wanted else { return nil }
        switch self.flow.gate {
        case .open: return self.flow.limits.maxInFlight == nil ? self.nextAt : nil
        case .recovering: return nil
        case .parked, .outage: return taken == 0 && self.inFlight == 0 ? self.nextAt : nil
        }
    }

    /// Whether what was claimed may have been less than there is, because of the account's own limits.
    func isLimited(after taken: Int) -> Bool {
        taken == self.allowance.count || self.allowance.repetitions != nil
    }

}

/// An account at the moment of a claim.
struct AccountStanding: Sendable {
    let flow: AccountFlow
    let provider: ProviderKind
    /// How many of its messages workers hold; 0 where that does not matter.
    let inFlight: Int
    let hasSuspects: Bool
    let isPaused: Bool
    /// The organization's.
    let rules: SendingRules
    /// Whether the organization may send SMS by it.
    let mayUseSMS: Bool
    /// Whether it was deleted in the moment in which its last messages were added.
    let isDeleted: Bool

    init(
        flow: AccountFlow,
        provider: ProviderKind,
        inFlight: Int = 0,
        hasSuspects: Bool = false,
        isPaused: Bool = false,
        rules: SendingRules = SendingRules(),
        mayUseSMS: Bool = true,
        isDeleted: Bool = false
    ) {
        self.flow = flow
        self.provider = provider
        self.inFlight = inFlight
        self.hasSuspects = hasSuspects
        self.isPaused = isPaused
        self.rules = rules
        self.mayUseSMS = mayUseSMS
        self.isDeleted = isDeleted
    }

    init(_ row: Row, flow: AccountFlow) throws {
        self.init(
            flow: flow,
            provider: try row.get("provider"),
            inFlight: try row.get("in_flight"),
            hasSuspects: try row.get("has_suspects"),
            isPaused: try row.get("is_paused"),
            rules: try SendingRules(row),
            mayUseSMS: try row.get("may_use_sms"),
            isDeleted: try row.get("is_deleted")
        )
    }
}
