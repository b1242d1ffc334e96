import InternalAPI
import MessagingService
import Shared

@testable import MessagingService

/// What `ClaimStore` and `WorkerStore` do.
extension Tables {
    /// `WorkerStore.beat`.
    ///
    /// - Returns: false when a later life is known.
    mutating func beat(_ worker: Int, _ incarnation: Int64, call: Int, now: Timestamp) -> Bool {
        guard let known = self.workers[worker] else {
            self.workers[worker] = Worker(incarnation: incarnation, beatAt: now, lastCall: call)
            return true
        }
        guard known.incarnation <= incarnation else { return false }
        let lastCall = known.incarnation == incarnation ? max(known.lastCall, call) : call
        self.workers[worker] = Worker(incarnation: incarnation, beatAt: now, lastCall: lastCall)
        return true
    }

    /// `WorkerStore.isAlive`.
    func isAlive(_ worker: Int, _ incarnation: Int64, call: Int, now: Timestamp) -> Bool {
        guard let known = self.workers[worker] else { return false }
        return known.incarnation == incarnation && known.lastCall <= call && known.beatAt > now - .seconds(5)
    }

    /// Accounts with something to claim or to ask about.
    func dueAccounts(now: Timestamp) -> [Int] {
        self.flows.indices.filter { account in
            self.rows.contains { row in
                guard let row, row.accountID.index == account, row.dueAt <= now else { return false }
                return row.state == .ready || row.state == .uncertain
            }
        }
    }

    /// `ClaimStore.takeFlows` and `standings`, for one account.
    func standing(of account: Int, now: Timestamp) -> AccountStanding {
        let flow = self.flows[account]
        let rows = self.rows.lazy.compactMap(\.self).filter { $0.accountID.index == account }
        let isCounted = flow.limits.maxInFlight != nil || flow.gate != .open
        let due = rows.filter { $0.state == .ready && $0.dueAt <= now }
        return AccountStanding(
            flow: flow,
            provider: self.plan.accounts[account].provider,
            inFlight: isCounted ? rows.count { $0.state == .leased } : 0,
            hasSuspects: due.contains { $0.crashes > 0 },
            isPaused: self.isPaused
        )
    }

    /// The same, were the queue not paused.
    var continued: Tables {
        var tables = self
        tables.isPaused = false
        return tables
    }

    /// `ClaimStore.claim`.
    mutating func claim(
        _ share: ClaimStore.Share,
        for claimant: ClaimStore.Claimant,
        now: Timestamp,
        states: [QueueState] = [.ready]
    ) -> [ClaimedMessage] {
        let due = self.rows.indices.filter { index in
            guard let row = self.rows[index], states.contains(row.state), row.accountID == share.account.accountID,
                row.dueAt <= share.now, row.expiresAt.map({ $0 > share.now }) ?? true
            else { return false }
            return switch share.kind {
            case .all: row.crashes == 0
            case .urgent: row.crashes == 0 && row.category == .otp
            case .first: row.crashes == 0 && row.epoch == 0
            case .repeated: row.crashes == 0 && row.epoch > 0
            case .suspect: row.crashes > 0
            }
        }
        let sorted = due.sorted { left, right in
            guard let one = self.rows[left], let other = self.rows[right] else { return false }
            let isByClass = share.kind.isByClass && one.category != other.category
            return isByClass
                ? one.category.priority < other.category.priority : (one.dueAt, left) < (other.dueAt, right)
        }
        return sorted.prefix(share.limit).compactMap { self.lease($0, share, claimant, now: now) }
    }

    private mutating func lease(
        _ index: Int,
        _ share: ClaimStore.Share,
        _ claimant: ClaimStore.Claimant,
        now: Timestamp
    ) -> ClaimedMessage? {
        guard var row = self.rows[index] else { return nil }
        row.state = .leased
        row.epoch += 1
        // The columns of the lease's worker.
        row.heldBy = nil
        row.lease = QueueRow.Lease(
            worker: claimant.worker,
            call: claimant.call,
            leasedAt: share.now,
            leaseUntil: now + claimant.leaseTime
        )
        self.rows[index] = row
        return ClaimedMessage(
            orgID: Names.org,
            messageID: row.key.id,
            accountID: row.accountID,
            epoch: row.epoch,
            category: row.category,
            channel: row.channel,
            recipient: "",
            content: MessageContent(),
            crashes: row.crashes,
            customerID: CustomerID(Names.org.uuid),
            isExempt: false
        )
    }

    /// `ClaimStore.takeLookUps`.
    mutating func takeLookUps(of account: Int, now: Timestamp) -> [MessagingAPI.LookUp] {
        let due = self.rows.indices.filter { index in
            guard let row = self.rows[index], row.accountID.index == account, row.state == .uncertain,
                let holdUntil = row.holdUntil
            else { return false }
            return row.dueAt <= now && row.dueAt < holdUntil
        }
        return due.compactMap { index in
            guard let row = self.rows[index], let message = self.messages[index] else { return nil }
            let next = now + LookUpFindings.interval
            self.rows[index]?.dueAt = min(row.holdUntil ?? next, next)
            let startedAt = self.attempts[index].first { $0.number == row.epoch }?.startedAt
            return MessagingAPI.LookUp(
                orgID: Names.org,
                reference: AttemptReference(messageID: row.key.id, number: row.epoch),
                accountID: row.accountID,
                channel: row.channel,
                to: "",
                content: MessageContent(),
                since: startedAt ?? message.createdAt,
                checks: row.checks
            )
        }
    }
}

extension ClaimStore.Kind {
    /// Whether codes come before the rest: the few of the other kinds come by their time alone.
    fileprivate var isByClass: Bool {
        switch self {
        case .all, .urgent, .first: true
        case .repeated, .suspect: false
        }
    }
}
