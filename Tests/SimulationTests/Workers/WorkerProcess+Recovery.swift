import InternalAPI
import OutboundWorker
import Shared

@testable import OutboundWorker

/// `Recovery`: tells how the attempts of the life before ended and of which nobody knows, and begins a new journal.
extension WorkerProcess {
    func recover(_ replay: JournalReplay) {
        self.world.note(
            "worker \(self.index) starts: journal \(replay.loss?.rawValue ?? "intact"), outcomes"
                + " \(replay.outcomes.map(\.reference.words)), uncertain \(replay.uncertain.map(\.reference.words))"
        )
        self.world.truth.checkReplay(replay, of: self.index)
        guard !self.world.has(.journalIgnored) else { return self.sendRecovery(.intact, []) }
        self.tellOutcomes(replay)
    }

    private func tellOutcomes(_ replay: JournalReplay) {
        guard !replay.outcomes.isEmpty else { return self.sendRecovery(replay.condition, replay.uncertain) }
        let told = MessagingAPI.OutcomeRequest(worker: self.identity, replay.outcomes.map(LeaseEnd.outcome))
        self.call({ [unowned self] in self.world.service.outcomes(told, $0) }) { [unowned self] answer in
            switch answer {
            case .success: self.sendRecovery(replay.condition, replay.uncertain)
            case .failure: self.later(20...1000) { [unowned self] in self.tellOutcomes(replay) }
            }
        }
    }

    private func sendRecovery(
        _ journal: MessagingAPI.RecoveryRequest.Journal,
        _ uncertain: [MessagingAPI.AttemptKey]
    ) {
        let request = MessagingAPI.RecoveryRequest(worker: self.identity, journal: journal, uncertain: uncertain)
        self.call({ [unowned self] in self.world.service.recover(request, of: self.index, $0) }) {
            [unowned self] answer in
            switch answer {
            case .success: self.beginJournal()
            case .failure: self.later(20...1000) { [unowned self] in self.sendRecovery(journal, uncertain) }
            }
        }
    }

    private func beginJournal() {
        do {
            try self.journal.begin()
            self.world.truth.noteBegin(of: self.index)
            self.begin()
        } catch {
            self.later(20...1000) { [unowned self] in self.beginJournal() }
        }
    }
}

extension AttemptReference {
    /// The message's number and the attempt's, for the trace.
    var words: String { "\(self.messageID.index).\(self.number)" }
}
