import FaultPoints
import Logging
import Metrics
import ServiceLifecycle

/// Hands over what became of leases and look-ups.
///
/// One call is on its way at a time and the next one carries what ended meanwhile, and within `Pace`: calls grow with the load
/// by themselves.
struct OutcomeReports: Sendable {
    let handOver: HandOver
    let journal: AttemptJournal
    let slots: Slots
    let suspects: Suspects
    let logger: Logger
    private let pending = PendingBatch<LeaseEnd>(limit: HandOver.limit)
    private let untold = Meter(label: "herald_worker_outcomes_pending")

    init(handOver: HandOver, journal: AttemptJournal, slots: Slots, suspects: Suspects, logger: Logger) {
        self.handOver = handOver
        self.journal = journal
        self.slots = slots
        self.suspects = suspects
        self.logger = logger
    }

    func add(_ end: LeaseEnd) {
        self.untold.increment()
        self.pending.add(end)
    }

    /// Lets `run` end when everything is handed over.
    func finish() {
        self.pending.finish()
    }

    /// Hands over until finished; when cancelled, it gives up what is left and says how much that is.
    func run() async {
        var undelivered = 0
        while let batch = await self.pending.next() {
            undelivered += batch.count
            let began = self.handOver.clock.now
            try? await self.handOver(batch[...]) { ends, answer in
                undelivered -= ends.count
                self.settle(ends, answer)
            }
            await self.gather(after: batch.count, since: began)
        }
        guard undelivered > 0 else { return }
        self.logger.error(
            "outcomes were not delivered: the next start of this worker tells them",
            metadata: ["outcomes": "\(undelivered)"]
        )
    }

    /// Lets more end before the next call.
    ///
    /// Not while most slots are taken, when there is always something to tell, nor after shutdown.
    private func gather(after count: Int, since began: ContinuousClock.Instant) async {
        guard Pace.after(count, of: self.slots) == Pace.calm else { return }
        try? await cancelWhenGracefulShutdown {
            try await self.handOver.clock.sleep(until: began + Pace.calmTelling, tolerance: nil)
        }
    }

    private func settle(_ ends: ArraySlice<LeaseEnd>, _ answer: HandOver.Answer) {
        FaultPoint.outcomeHandedOver.reach()
        let keys = ends.compactMap(\.journaled)
        do {
            switch answer {
            case .taken: try self.journal.writeDone(keys)
            case .refused: try self.journal.keepRefused(keys)
            }
        } catch {
            self.logger.debug("outcomes are told again after a crash", metadata: ["error": "\(error)"])
        }
        self.suspects.remove(ends.lazy.map(\.key))
        self.untold.decrement(by: Double(ends.count))
        self.slots.told(ends.count)
    }
}
