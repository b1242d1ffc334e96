import InternalAPI
import MessagingService
import OutboundWorker
import Shared

@testable import MessagingService
@testable import OutboundWorker

/// What must hold when all is healed and quiet.
extension Truth {
    func checkEnd() {
        let tables = self.world.database.tables
        for key in self.world.people.accepted where tables.keys[key] == nil {
            self.world.fail("a message that was accepted was never there")
        }
        let wishes = tables.messages.compactMap { $0?.wish }
        if Set(wishes).count != wishes.count { self.world.fail("one message that was wanted is there twice") }
        for index in tables.messages.indices {
            guard let message = tables.messages[index] else { continue }
            self.checkHeld(index, message, tables.rows[index])
            self.checkKnowledge(index, message, tables.attempts[index])
            self.checkRepetitions(index)
        }
        self.checkOrder()
        for worker in self.world.workers where worker.phase == .working {
            let outstanding = worker.journal.outstanding
            if !outstanding.outcomes.isEmpty || !outstanding.uncertain.isEmpty {
                self.world.fail("worker \(worker.index) has not told all that it knows")
            }
        }
    }

    /// What waits for a person may have left, and its policy or the end of its attempts leaves it to one.
    private func checkHeld(_ index: Int, _ message: Tables.Message, _ row: QueueRow?) {
        guard let row else { return }
        let attempt = self.world.database.tables.attempts[index].first { $0.number == row.epoch }
        if attempt?.state != .uncertain { self.world.fail("message \(index) waits for a person without a reason") }
        let isSpent = message.attemptCount >= message.retryPolicy.delays.count
        if message.onUncertain == .resend, !isSpent {
            self.world.fail("message \(index) waits for a person against its policy")
        }
    }

    /// All that was said of an attempt is known, and the message is as far as the furthest of them.
    private func checkKnowledge(_ index: Int, _ message: Tables.Message, _ attempts: [Settlement.Attempt]) {
        let channel = self.channel(of: index)
        for (place, fact) in self.attempts[index].enumerated() {
            let state = attempts.first { $0.number == place + 1 }?.state
            for part in fact.said + (fact.outcome?.saidState.map { [$0] } ?? []) {
                if let state, state.folding(part, on: channel) == state { continue }
                let name = "attempt \(index).\(place + 1)"
                self.world.fail("\(name) is \(state?.rawValue ?? "unknown"), and was said to be \(part)")
            }
        }
        let furthest = attempts.map(\.state).filter(\.hasArrived).max { $0.folding($1, on: channel) != $0 }
        let expected = furthest.flatMap { MessageStatus(rawValue: $0.rawValue) }
        if let expected, message.status != expected {
            self.world.fail("message \(index) is \(message.status), and one of its attempts is \(expected)")
        }
        let hasArrived = message.status == .sent || message.status == .delivered || message.status == .read
        if expected == nil, hasArrived, !self.isResolved[index] {
            self.world.fail("message \(index) is \(message.status), and none of its attempts is")
        }
    }

    /// A provider took a message twice only when its policy or a person wanted that, or it had refused it first.
    private func checkRepetitions(_ index: Int) {
        let entries = self.world.provider.ledger.filter { $0.reference.messageID.index == index }
        for first in entries {
            for second in entries where first.reference.number < second.reference.number {
                let again = self.attempts[index][second.reference.number - 1].leasedAt
                let fact = self.attempts[index][first.reference.number - 1]
                let isRefuted = first.refutedAt.map { $0 <= again } ?? false
                let isReleased = fact.releasedAt.map { $0 <= again } ?? false
                let isDecided = self.decidedAt[index].map { $0 >= fact.leasedAt } ?? false
                self.world.see(.takenTwice)
                guard !isRefuted, !isReleased, !isDecided else { continue }
                let both = "\(first.reference.words) and \(second.reference.words)"
                self.world.fail("\(both) were both taken, and nobody wanted that")
            }
            if entries.contains(where: { $0.id != first.id && $0.reference == first.reference }) {
                self.world.fail("\(first.reference.words) was taken twice")
            }
        }
    }

    /// Messages of a lane are taken in the order of their places, unless it is visible why not.
    private func checkOrder() {
        var furthest: [Int: Int] = [:]
        var seen: Set<MessageID> = []
        for entry in self.world.provider.ledger where seen.insert(entry.reference.messageID).inserted {
            let fact = self.attempts[entry.reference.messageID.index][entry.reference.number - 1]
            if fact.place < furthest[fact.lane] ?? 0, !fact.wasUncertain {
                self.world.fail("\(entry.reference.words) was taken after one that stood behind it")
            }
            furthest[fact.lane] = max(furthest[fact.lane] ?? 0, fact.place)
        }
    }
}

extension SendOutcome {
    /// What it says of its attempt; nil when nobody knows.
    fileprivate var saidState: AttemptState? {
        switch self {
        case .accepted: .sent
        case .throttled, .failedTransiently, .rejected, .accountBlocked: .failed
        case .uncertain: nil
        }
    }
}
