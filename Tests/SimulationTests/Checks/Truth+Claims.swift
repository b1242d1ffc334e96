import InternalAPI
import MessagingService
import Shared

@testable import MessagingService

/// What must hold of a claim.
extension Truth {
    /// Looks at one message that was claimed, and notes its attempt.
    func checkClaim(of row: QueueRow, _ old: QueueRow?, before: Tables) {
        let (index, now) = (row.key.id.index, self.world.now)
        guard let lease = row.lease, let place = row.place else { return }
        let worker = WorkerProcess.index(of: lease.worker.name)
        if let fault = self.fault(of: row, old, now: now) { self.world.fail("message \(index) was claimed \(fault)") }
        for case .some(let other) in before.rows where other.laneKey == row.laneKey && other.place ?? place < place {
            self.world.fail("message \(index) was claimed before \(other.key.id.index), which has an earlier place")
        }
        if let life = before.workers[worker], life.incarnation > lease.worker.incarnation {
            self.world.fail("message \(index) was claimed for a worker's life that is over")
        } else if before.workers[worker]?.lastCall ?? 0 > lease.call {
            self.world.fail("message \(index) was claimed for a question that is over")
        }
        self.checkDistance(to: row, leasedAt: lease.leasedAt, before: before)
        let gate = before.flows[row.accountID.index].gate
        self.attempts[index].append(
            Attempt(
                worker: worker,
                incarnation: lease.worker.incarnation,
                leasedAt: lease.leasedAt,
                lane: row.laneKey.index,
                place: place,
                isProbe: gate == .parked || gate == .outage,
                // Claimed for a life that is over already.
                isJournalLost: !self.isJournalKept[worker]
            )
        )
    }

    private func fault(of row: QueueRow, _ old: QueueRow?, now: Timestamp) -> String? {
        let attempts = self.attempts[row.key.id.index].count
        if row.epoch != attempts + 1 { return "as attempt \(row.epoch) after \(attempts) others" }
        guard let old, old.state == .ready else { return "while it was \(old?.state.rawValue ?? "gone")" }
        if old.dueAt > now { return "before it was due" }
        if let expiresAt = row.expiresAt, expiresAt <= now { return "when its time was over" }
        return nil
    }

    /// The least time between two messages to one recipient; what did not leave was no message.
    private func checkDistance(to row: QueueRow, leasedAt: Timestamp, before: Tables) {
        let interval = self.world.plan.accounts[row.accountID.index].limits.rules.pairInterval
        guard interval > .zero, Urgency(row.category) == .ordinary else { return }
        for message in self.attempts.indices {
            for (place, attempt) in self.attempts[message].enumerated()
            where attempt.lane == row.laneKey.index && attempt.leasedAt + interval > leasedAt {
                let state = before.attempts[message].first { $0.number == place + 1 }?.state
                // A look-up may have taken what never left for another attempt of its message.
                if state == .unused || (state == .sent && attempt.sentAt == nil) { continue }
                self.world.fail("message \(row.key.id.index) was claimed too soon after \(message)")
            }
        }
    }

    /// The limits and the gate of an account from which `count` messages were claimed.
    func checkClaims(_ count: Int, of account: Int, before: Tables, after: Tables) {
        let (flow, now) = (before.flows[account], self.world.now)
        let leased = after.rows.compactMap(\.self).filter { $0.state == .leased && $0.accountID.index == account }
        if before.isPaused { self.world.fail("account \(account) was claimed from while the queue was paused") }
        if now < self.pausedUntil[account] {
            self.world.fail("account \(account) was claimed from while its provider wants a pause")
        }
        if let most = flow.limits.maxInFlight, leased.count > most {
            self.world.fail("account \(account) has \(leased.count) in flight, and may have \(most)")
        }
        switch flow.gate {
        case .open, .recovering: break
        case .parked, .outage:
            let probes = leased.count { self.attempt($0.key.id.index, $0.epoch)?.isProbe ?? false }
            if probes > 1 { self.world.fail("account \(account) has \(probes) probes in flight") }
            if flow.probeAt.map({ $0 > now }) ?? true { self.world.fail("account \(account) got a probe too soon") }
            if flow.gateBy != AccountFlow.provider {
                self.world.fail("account \(account) was claimed from while a person parked it")
            }
        }
        self.checkRate(count, of: account, flow.limits)
    }

    private func checkRate(_ count: Int, of account: Int, _ limits: AccountFlow.Limits) {
        guard let rate = limits.rate, let burst = limits.burst else { return }
        let bucket = self.buckets[account]
        let elapsed = Double((self.world.now - bucket.at).microseconds) / 1_000_000
        let tokens = min(burst, bucket.tokens + rate * elapsed) - Double(count)
        self.buckets[account] = (tokens, self.world.now)
        if tokens < -0.001 { self.world.fail("account \(account) sends faster than \(rate) a second") }
    }

    /// A worker is only taken for dead when it could not be heard.
    func checkSilence(of name: String) {
        let worker = self.world.workers[WorkerProcess.index(of: name)]
        if worker.isHeard, worker.heardSince + EndLeases.silence < self.world.now {
            self.world.fail("worker \(worker.index) was taken for dead while its heartbeats arrived")
        }
    }
}
