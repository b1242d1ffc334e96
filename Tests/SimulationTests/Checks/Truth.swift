import InternalAPI
import MessagingService
import OutboundWorker
import Shared

@testable import OutboundWorker

/// What really happened to each attempt, as nobody in the world knows it: what all else is held against.
final class Truth {
    struct Attempt {
        let worker: Int
        let incarnation: Int64
        let leasedAt: Timestamp
        let lane: Int
        let place: Int
        /// Whether its account's gate was closed, so that it tried whether it can be opened.
        let isProbe: Bool
        /// Whether its intent is in the journal.
        var isIntended = false
        /// When its bytes left.
        var sentAt: Timestamp?
        /// How it ended, when that stands in a journal that is read again, or was told.
        var outcome: SendOutcome?
        /// Whether messaging-service knows all that its worker does.
        var isTold = false
        var isAccepted = false
        /// What its provider said of it later.
        var said: [AttemptState] = []
        /// Whether it was ever shown as uncertain.
        var wasUncertain = false
        /// When its message was given to its policy, which sent it again.
        var releasedAt: Timestamp?
        /// Whether its worker's journal was lost before it was known how it ended.
        var isJournalLost: Bool
        /// What it has added to the count of its message's crashes.
        var crashes = 0
    }

    unowned let world: World
    /// By message and number, which counts from 1.
    var attempts: [[Attempt]] = []
    /// When people last had a message sent again, whatever became of it before.
    var decidedAt: [Timestamp?] = []
    /// Whether people said what became of a message.
    var isResolved: [Bool] = []
    /// What each account may still send by its limits, counted anew.
    var buckets: [(tokens: Double, at: Timestamp)]
    /// Until when a provider wants nothing of an account.
    var pausedUntil: [Timestamp]
    /// Whether a worker's journal must have all that it did.
    private(set) var isJournalKept: [Bool]

    init(world: World) {
        self.world = world
        self.buckets = world.plan.accounts.map { ($0.limits.burst ?? 1, World.start) }
        self.pausedUntil = world.plan.accounts.map { _ in World.start }
        self.isJournalKept = Array(repeating: false, count: world.plan.workers)
    }

    func attempt(_ message: Int, _ number: Int) -> Attempt? {
        guard self.attempts[message].indices.contains(number - 1) else { return nil }
        return self.attempts[message][number - 1]
    }

    /// Notes something of one attempt, which must have been leased.
    func change(_ reference: AttemptReference, _ change: (inout Attempt) -> Void) {
        let (message, place) = (reference.messageID.index, reference.number - 1)
        guard self.attempts.indices.contains(message), self.attempts[message].indices.contains(place) else {
            return self.world.fail("\(reference.words) was never leased")
        }
        change(&self.attempts[message][place])
    }

    func noteIntent(_ reference: AttemptReference) { self.change(reference) { $0.isIntended = true } }

    func noteSent(_ reference: AttemptReference) { self.change(reference) { $0.sentAt = self.world.now } }

    func noteOutcome(_ outcome: MessagingAPI.AttemptOutcome) {
        self.change(outcome.reference) { $0.outcome = outcome.outcome }
    }

    func noteTold(_ ends: [LeaseEnd]) {
        for case .outcome(let outcome) in ends {
            self.change(outcome.reference) { attempt in
                attempt.outcome = outcome.outcome
                attempt.isTold = true
            }
        }
    }

    func noteSaid(_ status: ProviderReport.Status, of reference: AttemptReference) {
        self.change(reference) { attempt in
            switch status {
            case .sent: attempt.said.append(.sent)
            case .delivered: attempt.said.append(.delivered)
            case .read: attempt.said.append(.read)
            case .failed: attempt.said.append(.failed)
            case .note: break
            }
        }
    }
}

/// What journals must know.
extension Truth {
    /// What the life before left is told, and its journal forgotten.
    func noteBegin(of worker: Int) {
        self.isJournalKept[worker] = true
        self.changeAll(of: worker) { $0.isTold = true }
    }

    /// Nobody learns any more how attempts ended that were not told.
    func noteLostJournal(of worker: Int) {
        self.world.see(.journalLost)
        self.isJournalKept[worker] = false
        self.changeAll(of: worker) { attempt in
            guard !attempt.isTold else { return }
            (attempt.outcome, attempt.isJournalLost) = (nil, true)
        }
    }

    private func changeAll(of worker: Int, _ change: (inout Attempt) -> Void) {
        for message in self.attempts.indices {
            for place in self.attempts[message].indices where self.attempts[message][place].worker == worker {
                change(&self.attempts[message][place])
            }
        }
    }

    /// A journal that was not lost tells of all that may have left, and of each end that was not told.
    func checkReplay(_ replay: JournalReplay, of worker: Int) {
        guard self.isJournalKept[worker] else { return }
        if let loss = replay.loss {
            return self.world.fail("worker \(worker): its journal is taken for lost: \(loss.rawValue)")
        }
        let known = Set(replay.uncertain.map(\.reference) + replay.outcomes.map(\.reference))
        for message in self.attempts.indices {
            for (place, attempt) in self.attempts[message].enumerated()
            where attempt.worker == worker && attempt.isIntended && !attempt.isTold {
                let reference = AttemptReference(messageID: Names.message(message), number: place + 1)
                if !known.contains(reference), !self.isKnown(reference) {
                    self.world.fail("worker \(worker): its journal forgot \(reference.words)")
                }
            }
        }
    }

    /// Whether messaging-service knows the end of an attempt, though its worker may not have heard so.
    private func isKnown(_ reference: AttemptReference) -> Bool {
        let (tables, message) = (self.world.database.tables, reference.messageID.index)
        guard tables.messages[message] != nil else { return true }
        // The journal of a worker with this defect forgets what nobody knows: that is for others to find.
        if self.world.has(.doneBeforeAnswer) { return true }
        let state = tables.attempts[message].first { $0.number == reference.number }?.state
        return state.map { $0 != .uncertain } ?? false
    }
}
