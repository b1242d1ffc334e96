import InternalAPI
import OutboundWorker
import Shared

@testable import OutboundWorker

/// `Dispatcher` and `SendAttempt`: asks for work, makes the attempts, and writes down what it does.
extension WorkerProcess {
    /// In the place of `LeaseCall.shortWait`, for fewer steps.
    private static let shortWait = Duration.milliseconds(700)

    private var free: Int { self.world.plan.slots - self.held }

    /// Asks for work when there is room for some, one question at a time.
    func ask() {
        guard self.phase == .working, !self.isAsking, self.free > 0 else { return }
        self.isAsking = true
        do {
            try self.journal.repair()
        } catch {
            return self.askAgain(in: 50...1000)
        }
        self.numbers.ask()
        let askedAt = self.world.now
        let allowance = self.suspects.allowance
        let any = max(0, self.free - SlotShare.reserve(of: self.world.plan.slotsForShare))
        let share = SlotShare(any: any, urgent: any > 0 ? 0 : self.free)
        let wait = allowance > 0 && share.any > 0 ? LeaseCall.wait : Self.shortWait
        let request = MessagingAPI.LeaseRequest(
            worker: self.identity,
            slots: share.any,
            urgentSlots: share.urgent,
            waitMilliseconds: Int(wait.milliseconds),
            call: self.numbers.call,
            received: self.numbers.received,
            suspects: allowance
        )
        self.call({ [unowned self] in self.world.service.lease(request, of: self.index, $0) }) {
            [unowned self] answer in
            guard case .success(let answer) = answer else {
                self.world.note("worker \(self.index): no answer to call \(request.call)")
                return self.askAgain(in: 50...1000)
            }
            self.numbers.arrived()
            self.take(answer, askedAt: askedAt, free: request.slots + request.urgentSlots)
            self.askAgain(in: answer.leases.isEmpty && answer.lookUps.isEmpty ? 50...60 : 5...10)
        }
    }

    private func askAgain(in milliseconds: ClosedRange<Int>) {
        self.later(milliseconds) { [unowned self] in
            self.isAsking = false
            self.ask()
            self.endIfStopped()
        }
    }

    private func take(_ answer: MessagingAPI.LeaseAnswer, askedAt: Timestamp, free: Int) {
        self.held += answer.leases.count + answer.lookUps.count
        for (index, lease) in answer.leases.enumerated() {
            if lease.isSuspect {
                if self.suspects.allowance == 0 { self.world.fail("worker \(self.index) got a second suspect") }
                self.suspects.add(lease.key)
            }
            guard index < free, self.phase == .working, !self.isNearlyOver(lease, askedAt) else {
                self.tell(.unused(lease.key))
                continue
            }
            self.later(0...3) { [unowned self] in self.attempt(lease, askedAt: askedAt) }
        }
        for lookUp in answer.lookUps {
            let tell = self.whenHeard(0...3) { [unowned self] found in
                self.tell(.finding(.init(attempt: lookUp.key, answer: found, checks: lookUp.checks)))
            }
            self.later(0...3) { [unowned self] in self.world.provider.lookUp(lookUp, tell) }
        }
    }

    /// `SendAttempt.isNearlyOver`.
    private func isNearlyOver(_ lease: MessagingAPI.Lease, _ askedAt: Timestamp) -> Bool {
        self.world.now + self.world.plan.deadline + SendAttempt.reportMargin
            > askedAt + .milliseconds(lease.leaseMilliseconds)
    }

    private func attempt(_ lease: MessagingAPI.Lease, askedAt: Timestamp) {
        guard self.phase == .working, !self.isNearlyOver(lease, askedAt) else { return self.tell(.unused(lease.key)) }
        let start = self.world.now
        let isPoisonous = lease.reference.messageID.index == self.world.plan.poisonous
        if isPoisonous, self.world.random.chance(0.7) { return self.crash() }
        guard !self.world.has(.intentAfterSending) else {
            self.send(lease, startedAt: start)
            return self.later(0...5) { [unowned self] in
                try? self.journal.writeIntent(lease.key, startedAt: start + self.skew)
                self.world.truth.noteIntent(lease.reference)
            }
        }
        if self.world.strikes(self.world.plan.rates.tornWrite) {
            self.storage.end(after: self.world.random.below(60))
            try? self.journal.writeIntent(lease.key, startedAt: start + self.skew)
            return self.crash()
        }
        do {
            try self.journal.writeIntent(lease.key, startedAt: start + self.skew)
        } catch {
            return self.tell(.unused(lease.key))
        }
        self.world.truth.noteIntent(lease.reference)
        if isPoisonous { return self.crash() }
        self.world.stall(self)
        self.later(0...5) { [unowned self] in self.send(lease, startedAt: start) }
    }

    private func send(_ lease: MessagingAPI.Lease, startedAt: Timestamp) {
        let deadline = startedAt + self.world.plan.deadline
        guard self.world.now <= deadline else {
            self.world.see(.frozenPastDeadline)
            // Nothing has left, but a client that stood still may not know that.
            let isKnown = self.world.random.chance(0.5)
            let failure = SendOutcome.failedTransiently(.simulated, retryAfter: nil)
            return self.end(lease, isKnown ? failure : .uncertain(.simulated), startedAt)
        }
        var isOver = false
        self.world.truth.noteSent(lease.reference)
        let answered = self.whenHeard(0...5) { [unowned self] (outcome: SendOutcome) in
            guard !isOver else { return }
            isOver = true
            self.end(lease, outcome, startedAt)
        }
        self.world.provider.send(lease, from: self, answered)
        self.world.stall(self)
        self.at(deadline) { [unowned self] in
            guard !isOver else { return }
            isOver = true
            self.end(lease, .uncertain(.simulated), startedAt)
        }
    }

    private func end(_ lease: MessagingAPI.Lease, _ outcome: SendOutcome, _ startedAt: Timestamp) {
        self.world.note("worker \(self.index): \(lease.reference.words) ended: \(outcome.className)")
        let ended = MessagingAPI.AttemptOutcome(
            orgID: lease.orgID,
            reference: lease.reference,
            outcome: outcome,
            startedAt: startedAt + self.skew,
            endedAt: self.world.now + self.skew
        )
        if self.world.strikes(self.world.plan.rates.tornWrite) {
            self.storage.end(after: self.world.random.below(200))
            try? self.journal.writeOutcome(ended)
            self.world.see(.journalTorn)
            return self.crash()
        }
        if (try? self.journal.writeOutcome(ended)) != nil { self.world.truth.noteOutcome(ended) }
        self.later(0...5) { [unowned self] in self.tell(.outcome(ended)) }
    }
}
