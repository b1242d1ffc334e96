import Foundation
import InternalAPI
import Logging
import Shared

/// A worker of this host from its start on: what its last life left in its slot, and what makes that known.
struct WorkerLife: Sendable {
    let slot: WorkerSlot
    let worker: MessagingAPI.WorkerIdentity
    let handOver: HandOver
    let journal: AttemptJournal
    let kept: KeptLog
    let fence: RestoreFence
    let adopt: AdoptDatabase
    let recovery: Recovery

    /// - Parameters:
    ///   - slot: held for as long as the life lasts.
    ///   - worker: this start of it.
    ///   - keeping: how long what left is kept for a restore.
    ///   - queue: of messaging-service.
    ///   - clock: for waiting.
    ///   - time: is told the database's.
    ///   - logger: of the process.
    init(
        in slot: WorkerSlot,
        as worker: MessagingAPI.WorkerIdentity,
        keeping: Duration,
        queue: any DeliveryQueue,
        clock: any MonotonicClock,
        time: DatabaseTime = DatabaseTime(),
        logger: Logger
    ) {
        let handOver = HandOver(queue: queue, worker: worker, clock: clock, logger: logger)
        let kept = KeptLog(folder: Self.keptFolder(of: slot), worker: worker.name, retention: keeping)
        let (journal, replay) = AttemptJournal.inFolder(of: slot, worker: worker.name, kept: kept)
        let fence = RestoreFence(file: WorkerMemory(of: slot, worker: worker.name), journal: journal, logger: logger)
        self.slot = slot
        self.worker = worker
        self.handOver = handOver
        self.journal = journal
        self.kept = kept
        self.fence = fence
        self.adopt = AdoptDatabase(
            queue: queue,
            worker: worker,
            fence: fence,
            journal: journal,
            kept: kept,
            replay: replay,
            clock: clock,
            time: time,
            logger: logger
        )
        self.recovery = Recovery(handOver: handOver, journal: journal, replay: replay, fence: fence, logger: logger)
    }

    /// Makes known what the last life left; repeats that until messaging-service takes it.
    ///
    /// - Throws: `CancellationError` only: then the next life does it.
    func settle() async throws {
        try await self.adopt.first()
        try await self.recovery()
    }

    /// Gives the slot to the next who starts.
    func end() {
        let (outcomes, uncertain) = self.journal.outstanding
        if outcomes.isEmpty, uncertain.isEmpty { self.kept.end() }
        self.slot.release()
    }
}

extension WorkerLife {
    private static func keptFolder(of slot: WorkerSlot) -> String { "\(slot.path)/kept" }

    /// Whether a slot holds something that messaging-service was not told: attempts, or what left before a restore.
    ///
    /// - Parameters:
    ///   - slot: held.
    ///   - host: of its worker; what another left proves nothing.
    ///   - epoch: the database whose work is done now; nil when that is not known.
    /// - Returns: false also where no worker ever was.
    static func isUntold(in slot: WorkerSlot, host: String, by epoch: UUID?) -> Bool {
        let name = MessagingAPI.WorkerIdentity.name(host: host, slot: slot)
        let replay = AttemptJournal.inFolder(of: slot, worker: name).replay
        guard replay.loss != .absent, replay.loss != .otherWorker else { return false }
        if replay.loss != nil || !replay.outcomes.isEmpty || !replay.uncertain.isEmpty { return true }
        // It ended without a word: what it had leased and is not in its journal never left, and nobody else can say so.
        if KeptFile.all(in: Self.keptFolder(of: slot)).last?.read().isClosed == false { return true }
        guard let epoch, let remembered = WorkerMemory(of: slot, worker: name).read().epoch else { return false }
        return remembered != epoch
    }
}
