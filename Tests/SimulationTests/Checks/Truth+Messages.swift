import MessagingService
import Shared

@testable import MessagingService

/// What must hold of a message.
extension Truth {
    func checkMessage(_ index: Int, _ cause: Cause, before: Tables, after: Tables) {
        let old = index < before.messages.count ? before.messages[index] : nil
        guard let message = after.messages[index] else {
            if old != nil, cause != .act(.delete) { self.world.fail("message \(index) is gone") }
            return
        }
        self.checkState(index, message, after.rows[index])
        if after.isDeadLetter[index] != (message.status == .failed) {
            self.world.fail("message \(index) is \(message.status), and its dead letter says otherwise")
        }
        guard let old else { return }
        if message.lastAttempt < old.lastAttempt { self.world.fail("message \(index) forgot an attempt") }
        let attempts = after.attempts[index]
        if attempts != before.attempts[index] { self.checkAttempts(index, cause, before.attempts[index], attempts) }
        self.noteDecision(index, cause, before: before, after: after)
        self.checkCrashes(of: index, cause, before: before, after: after)
        if message.status != old.status { self.checkMove(index, old, message, cause, attempts) }
    }

    /// Where a message stands and where its row does are one.
    private func checkState(_ index: Int, _ message: Tables.Message, _ row: QueueRow?) {
        guard let row else {
            if !message.isTerminal { self.world.fail("message \(index) is \(message.status) and in no queue") }
            return
        }
        let isRight =
            switch row.state {
            case .scheduled: message.status == .scheduled || message.status == .queued
            case .waiting, .ready, .leased: message.status == .queued
            case .uncertain, .held: message.status == .uncertain
            }
        if !isRight { self.world.fail("message \(index) is \(message.status), and in the queue \(row.state)") }
        let isAsEdited =
            row.conversationID.index == message.conversation && row.category == message.category
            && row.expiresAt == message.expiresAt
        if !isAsEdited { self.world.fail("message \(index) is in the queue as it was before it was edited") }
    }

    /// Evidence never moves a message backwards.
    private func checkMove(
        _ index: Int,
        _ old: Tables.Message,
        _ new: Tables.Message,
        _ cause: Cause,
        _ attempts: [Settlement.Attempt]
    ) {
        let isEvidence = cause == .settle || cause == .reports || cause == .findings
        let isAct = if case .act = cause { true } else { false }
        var isRight = true
        if new.status.distance < old.status.distance {
            isRight = isEvidence && !attempts.contains { $0.state.hasArrived }
        } else if new.status.distance > old.status.distance {
            isRight = isEvidence || cause == .act(.resolve(.sent))
        } else if old.isTerminal {
            // Nothing but a person brings back what ended, and only what failed.
            isRight = old.status == .failed && isAct
        }
        if new.status == .expired { isRight = isRight && cause == .expire }
        if new.status == .cancelled { isRight = isRight && cause == .act(.cancel) }
        if !isRight { self.world.fail("message \(index) went from \(old.status) to \(new.status) by \(cause)") }
    }

    /// Remembers what people decided, and what a policy did.
    private func noteDecision(_ index: Int, _ cause: Cause, before: Tables, after: Tables) {
        if cause == .release, before.rows[index]?.state == .uncertain, after.messages[index]?.status == .queued {
            self.checkRelease(index, before: before, after: after)
        }
        guard case .act(let deed) = cause, before.messages[index] != after.messages[index] else { return }
        switch deed {
        case .retry, .edit, .resolve(.resend): self.decidedAt[index] = self.world.now
        case .resolve(.sent), .resolve(.failed): self.isResolved[index] = true
        case .cancel, .sendNow, .delete: break
        }
    }

    /// A message that its policy sends again says so, and only when nobody told what became of it.
    private func checkRelease(_ index: Int, before: Tables, after: Tables) {
        guard let row = before.rows[index], let message = after.messages[index] else { return }
        let attempt = after.attempts[index].first { $0.number == row.epoch }
        if attempt?.state != .uncertain || attempt?.retryAt == nil {
            self.world.fail("message \(index) is sent again, and its attempt does not say why")
        }
        if message.onUncertain == .hold { self.world.fail("message \(index) is sent again against its policy") }
        self.world.see(.released)
        self.attempts[index][row.epoch - 1].releasedAt = self.world.now
    }
}

extension MessageStatus {
    /// How far it is; what has not arrived is nowhere.
    fileprivate var distance: Int {
        switch self {
        case .scheduled, .queued, .sending, .uncertain, .failed, .skipped, .cancelled, .expired: 0
        case .sent: 1
        case .delivered: 2
        case .read: 3
        }
    }
}
