import MessagingService
import Shared

@testable import MessagingService

/// What is known of attempts must be true.
extension Truth {
    func checkAttempts(_ message: Int, _ cause: Cause, _ old: [Settlement.Attempt], _ new: [Settlement.Attempt]) {
        var last = 0
        for attempt in new {
            if attempt.number <= last { self.world.fail("attempt \(message).\(attempt.number) is there twice") }
            last = attempt.number
            let known = old.first { $0.number == attempt.number }?.state
            if attempt.state != known { self.check(attempt, of: message, cause, known: known) }
        }
        for attempt in old where !new.contains(where: { $0.number == attempt.number }) {
            self.world.fail("attempt \(message).\(attempt.number) is forgotten")
        }
    }

    private func check(_ attempt: Settlement.Attempt, of message: Int, _ cause: Cause, known: AttemptState?) {
        let name = "attempt \(message).\(attempt.number)"
        guard let fact = self.attempt(message, attempt.number) else { return self.world.fail("\(name) was never made") }
        let channel = self.channel(of: message)
        if let known, attempt.state.rank(on: channel) < known.rank(on: channel) {
            self.world.fail("\(name) went from \(known) to \(attempt.state)")
        }
        // A look-up does not tell the attempts of one message apart.
        let isAny = cause == .findings && attempt.state == .sent && self.attempts[message].contains(where: \.isAccepted)
        if !isAny, let falsehood = self.falsehood(of: attempt.state, fact) {
            self.world.fail("\(name) is \(attempt.state) by \(cause): \(falsehood)")
        }
        self.see(attempt.state, fact, cause, known: known)
        self.notePause(message, attempt, fact)
        if attempt.state == .uncertain { self.attempts[message][attempt.number - 1].wasUncertain = true }
    }

    /// Why an attempt can not be what it is said to be.
    private func falsehood(of state: AttemptState, _ fact: Attempt) -> String? {
        switch state {
        case .uncertain: nil
        case .unused: fact.sentAt == nil ? nil : "it left"
        case .sent: fact.isAccepted ? nil : "no provider took it"
        case .delivered: fact.said.contains(.delivered) ? nil : "nobody said so"
        case .read: fact.said.contains(.read) ? nil : "nobody said so"
        case .failed: !fact.isAccepted || fact.said.contains(.failed) ? nil : "its provider took it"
        }
    }

    /// A provider that is asked too often wants nothing of the account for a while.
    private func notePause(_ message: Int, _ attempt: Settlement.Attempt, _ fact: Attempt) {
        guard attempt.state == .failed, attempt.failureClass == .throttled,
            case .throttled(_, let retryAfter, .account) = fact.outcome,
            let stored = self.world.database.tables.messages[message]
        else { return }
        let account = self.world.plan.conversations[stored.conversation]
        let until = self.world.now + RetryPolicy.waitWhenThrottled(retryAfter: retryAfter, jitter: 1)
        self.pausedUntil[account] = max(self.pausedUntil[account], until)
    }

    func channel(of message: Int) -> Channel {
        guard let stored = self.world.database.tables.messages[message] else { return .sandbox }
        return self.world.plan.accounts[self.world.plan.conversations[stored.conversation]].channel
    }

    /// What a provider took must have been leased, and not be known to be over.
    func checkAcceptance(of reference: AttemptReference) {
        self.change(reference) { $0.isAccepted = true }
        let (tables, message) = (self.world.database.tables, reference.messageID.index)
        guard tables.messages.indices.contains(message) else {
            return self.world.fail("\(reference.words) was sent, and there is no such message")
        }
        guard let known = tables.attempts[message].first(where: { $0.number == reference.number }) else { return }
        if known.state != .uncertain {
            self.world.fail("\(reference.words) was taken when it was already known to be \(known.state)")
        }
    }
}

extension AttemptState {
    /// Of two things that were said the one that counts, as the contract has it.
    fileprivate func rank(on channel: Channel) -> Int {
        switch self {
        case .uncertain: 0
        case .unused: 1
        case .sent: 2
        case .failed: channel == .email ? 6 : 3
        case .delivered: 4
        case .read: 5
        }
    }
}
