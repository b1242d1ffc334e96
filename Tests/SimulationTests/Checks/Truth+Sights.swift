import InternalAPI
import MessagingService
import Shared

@testable import MessagingService

/// What schedules came by.
extension Truth {
    /// What a worker had not told when it died.
    func seeEnd(of worker: WorkerProcess) {
        for attempt in self.attempts.joined()
        where attempt.worker == worker.index && attempt.incarnation == worker.identity.incarnation {
            guard attempt.isIntended, !attempt.isTold else { continue }
            if attempt.outcome != nil {
                self.world.see(.diedUntold)
            } else {
                self.world.see(attempt.sentAt == nil ? .diedBeforeSending : .diedUnheard)
            }
        }
    }

    /// What became known of an attempt.
    func see(_ state: AttemptState, _ fact: Attempt, _ cause: Cause, known: AttemptState?) {
        if cause == .findings { self.world.see(state == .sent ? .foundByLookUp : .absentByLookUp) }
        if cause == .reports {
            if state == .failed { self.world.see(.refusedLater) }
            if known == nil { self.world.see(.earlyReport) }
        }
        if cause == .settle, fact.releasedAt != nil {
            self.world.see(state == .failed ? .lateFailure : .lateOutcome)
        }
    }

    /// What became of messages and accounts.
    func see(_ cause: Cause, before: Tables, after: Tables) {
        for index in before.messages.indices {
            guard let old = before.messages[index], let new = after.messages[index] else { continue }
            if before.rows[index] != after.rows[index] { self.seeRow(index, cause, before: before, after: after) }
            guard old.status != new.status else { continue }
            if new.status == .expired { self.world.see(.expired) }
            if new.status == .cancelled { self.world.see(.cancelled) }
            if old.status == .failed, new.status == .queued { self.world.see(.revived) }
            if after.isPoisonous(index) { self.world.see(.poisonous) }
        }
        for (old, new) in zip(before.flows, after.flows) where old.gate != new.gate {
            if old.gate == .parked, new.gate == .open, cause == .settle { self.world.see(.resumed) }
            if new.gate == .outage { self.world.see(.outage) }
            if new.gate == .recovering { self.world.see(.recovering) }
        }
    }

    private func seeRow(_ index: Int, _ cause: Cause, before: Tables, after: Tables) {
        let (old, new) = (before.rows[index]?.state, after.rows[index]?.state)
        if old == .uncertain, new == .held { self.world.see(.leftToPerson) }
        if old == .held, new == nil, cause == .settle || cause == .reports { self.world.see(.lateEvidence) }
        if new == .leased, old == .ready {
            let gate = before.flows[after.rows[index]?.accountID.index ?? 0].gate
            if gate == .parked || gate == .outage { self.world.see(.probe) }
            if after.rows[index]?.crashes ?? 0 > 0 { self.world.see(.suspect) }
        }
        let isAside = after.attempts[index].last?.steppedAside ?? false
        if new == .scheduled, old == .leased, isAside { self.world.see(.steppedAside) }
    }
}
