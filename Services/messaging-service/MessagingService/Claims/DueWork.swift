import DequeModule
import HeapModule
import Shared
import Synchronization

/// The accounts that may have due messages, in turn: a hint, refreshed by every commit and by `ProbeDueWork`.
///
/// Organizations take turns, and the accounts of one take turns within its own: so an organization with a million messages,
/// or with a hundred accounts, waits like one with a single message. One-time codes have a walk of their own, which goes
/// first. An account that may not send before a time stands outside until then.
package final class DueWork: Sendable {
    private struct State {
        var urgent = Rotation()
        var ordinary = Rotation()
        var timers = Heap<Timer>()
        /// The time of each account's timer: of two the earlier one counts, and the other is passed over.
        var times: [DueAccount: ContinuousClock.Instant] = [:]
        /// Until when nothing can be claimed from an account, whatever is said of it.
        var rests: [AccountKey: ContinuousClock.Instant] = [:]
        var waiters: [UInt64: Waiter] = [:]
        var nextWaiter: UInt64 = 0

        var isEmpty: Bool { self.urgent.isEmpty && self.ordinary.isEmpty }
    }

    private struct Waiter {
        let wish: Wish
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct Timer: Comparable {
        let time: ContinuousClock.Instant
        let account: DueAccount

        static func < (left: Self, right: Self) -> Bool { left.time < right.time }
        static func == (left: Self, right: Self) -> Bool { left.time == right.time }
    }

    /// What a lease can use.
    package enum Wish: Sendable {
        case anything, urgentOnly
    }

    /// How long an account rests at most: so long may a limit be raised, or a queue continued, before it is noticed.
    package static let longestRest: Duration = .milliseconds(250)

    private let state = Mutex(State())
    private let longestRest: Duration

    package init(longestRest: Duration = DueWork.longestRest) {
        self.longestRest = longestRest
    }

    /// Adds accounts; one that rests comes when its rest is over.
    package func add(_ accounts: some Sequence<DueAccount>, now: ContinuousClock.Instant = .now) {
        let waiters = self.state.withLock { state in
            var (hasUrgent, hasAny) = (false, false)
            for account in accounts {
                if let end = state.rests[account.account] {
                    guard end <= now else {
                        Self.add(account, at: end, to: &state)
                        continue
                    }
                    state.rests[account.account] = nil
                }
                hasAny = true
                switch account.urgency {
                case .otp:
                    hasUrgent = true
                    state.urgent.add(account.account)
                case .ordinary:
                    state.ordinary.add(account.account)
                }
            }
            return hasAny ? Self.takeWaiters(from: &state, hasUrgent: hasUrgent) : []
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Adds accounts at a time, when nothing can be claimed from them before.
    package func add(_ accounts: some Sequence<DueAccount>, at time: ContinuousClock.Instant) {
        self.state.withLock { state in
            for account in accounts { Self.add(account, at: time, to: &state) }
        }
    }

    private static func add(_ account: DueAccount, at time: ContinuousClock.Instant, to state: inout State) {
        if let earlier = state.times[account], earlier <= time { return }
        state.times[account] = time
        state.timers.insert(Timer(time: time, account: account))
    }

    /// Lets an account rest from which nothing can be claimed before `time`: each message that is created for it would
    /// otherwise be a claim in vain.
    package func rest(
        _ account: AccountKey,
        until time: ContinuousClock.Instant,
        now: ContinuousClock.Instant = .now
    ) {
        let end = min(time, now + self.longestRest)
        guard end > now else { return }
        self.state.withLock { state in
            state.rests[account] = end
            let waiting = [Urgency.otp: state.urgent.remove(account), .ordinary: state.ordinary.remove(account)]
            for (urgency, isThere) in waiting where isThere {
                Self.add(DueAccount(account, urgency), at: end, to: &state)
            }
        }
    }

    /// Adds the accounts whose time has come.
    ///
    /// - Returns: the time of the next one; nil when there is none.
    package func wake(at now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        let (due, next) = self.state.withLock { state in
            var due: [DueAccount] = []
            while let timer = state.timers.min, timer.time <= now {
                state.timers.removeMin()
                guard state.times[timer.account] == timer.time else { continue }
                state.times[timer.account] = nil
                due.append(timer.account)
            }
            return (due, state.timers.min?.time)
        }
        self.add(due, now: now)
        return next
    }

    /// Takes up to `limit` accounts from the front, those with one-time codes first.
    package func take(_ limit: Int, _ wish: Wish = .anything) -> [DueAccount] {
        self.state.withLock { state in
            var taken = state.urgent.take(limit).map { DueAccount($0, .otp) }
            guard wish == .anything else { return taken }
            // An account's claim takes its one-time codes first, so it need not be asked twice.
            for account in taken { state.ordinary.remove(account.account) }
            taken += state.ordinary.take(limit - taken.count).map { DueAccount($0, .ordinary) }
            return taken
        }
    }

    /// Waits until there is something for `wish`, or the task is cancelled.
    package func wait(for wish: Wish = .anything) async {
        let id = self.state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = self.state.withLock { state in
                    let isThere = wish == .anything ? !state.isEmpty : !state.urgent.isEmpty
                    guard !isThere, !Task.isCancelled else { return true }
                    state.waiters[id] = Waiter(wish: wish, continuation: continuation)
                    return false
                }
                if isReady { continuation.resume() }
            }
        } onCancel: {
            self.state.withLock { $0.waiters.removeValue(forKey: id) }?.continuation.resume()
        }
    }

    private static func takeWaiters(
        from state: inout State,
        hasUrgent: Bool
    ) -> [CheckedContinuation<Void, Never>] {
        let ids = state.waiters.filter { $0.value.wish == .anything || hasUrgent }.keys
        return ids.compactMap { state.waiters.removeValue(forKey: $0)?.continuation }
    }
}

/// Organizations in turn, and the accounts of each in turn; each account stands in it once.
private struct Rotation {
    private var orgs: Deque<OrgID> = []
    private var accounts: [OrgID: Deque<AccountID>] = [:]
    private var members: Set<AccountKey> = []

    var isEmpty: Bool { self.members.isEmpty }

    mutating func add(_ account: AccountKey) {
        guard self.members.insert(account).inserted else { return }
        if self.accounts[account.orgID] == nil { self.orgs.append(account.orgID) }
        self.accounts[account.orgID, default: []].append(account.accountID)
    }

    /// Takes an account out of its turn; false when it did not stand in it.
    @discardableResult
    mutating func remove(_ account: AccountKey) -> Bool {
        guard self.members.remove(account) != nil else { return false }
        self.accounts[account.orgID]?.removeAll { $0 == account.accountID }
        self.dropIfEmpty(account.orgID)
        return true
    }

    /// One account of each organization in turn, then a second one of each.
    mutating func take(_ limit: Int) -> [AccountKey] {
        var taken: [AccountKey] = []
        while taken.count < limit, let orgID = self.orgs.popFirst() {
            guard let accountID = self.accounts[orgID]?.popFirst() else { continue }
            let account = AccountKey(orgID: orgID, accountID: accountID)
            self.members.remove(account)
            taken.append(account)
            if self.accounts[orgID]?.isEmpty ?? true { self.accounts[orgID] = nil } else { self.orgs.append(orgID) }
        }
        return taken
    }

    private mutating func dropIfEmpty(_ orgID: OrgID) {
        guard self.accounts[orgID]?.isEmpty ?? false else { return }
        self.accounts[orgID] = nil
        self.orgs.removeAll { $0 == orgID }
    }
}
