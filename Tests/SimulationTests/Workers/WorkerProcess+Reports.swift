import InternalAPI
import OutboundWorker
import Shared

@testable import OutboundWorker

/// `OutcomeReports`: hands over what ended, one call at a time, and then lets the journal forget it.
extension WorkerProcess {
    func tell(_ end: LeaseEnd) {
        self.ended.append(end)
        self.report()
    }

    private func report() {
        guard !self.isReporting, !self.ended.isEmpty else { return }
        self.isReporting = true
        let batch = self.ended
        self.ended = []
        self.hand(over: batch)
    }

    /// However long that takes.
    private func hand(over batch: [LeaseEnd]) {
        let keys = batch.compactMap(\.journaled)
        if self.world.has(.doneBeforeAnswer) { try? self.journal.writeDone(keys) }
        let told = MessagingAPI.OutcomeRequest(worker: self.identity, batch)
        self.call({ [unowned self] in self.world.service.outcomes(told, $0) }) { [unowned self] answer in
            guard case .success = answer else {
                return self.later(20...1000) { [unowned self] in self.hand(over: batch) }
            }
            try? self.journal.writeDone(keys)
            self.world.truth.noteTold(batch)
            self.suspects.remove(batch.lazy.map(\.key))
            self.held -= batch.count
            self.isReporting = false
            self.report()
            self.ask()
            self.endIfStopped()
        }
    }
}
