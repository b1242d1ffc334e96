import InternalAPI
import Logging
import ServiceLifecycle
import Shared

/// Tells a database that is not the one that the worker remembers what its journal knows, and works for it from then on.
///
/// At the first start there is nothing to tell. After a restore the database may have forgotten what left: until it knows,
/// nothing is sent, and afterwards not before the operator has reconciled the rest.
struct AdoptDatabase: Service {
    /// What one call may carry.
    static let batch = 1000
    static let interval: Duration = .milliseconds(500)

    let queue: any DeliveryQueue
    let worker: MessagingAPI.WorkerIdentity
    let fence: RestoreFence
    let journal: AttemptJournal
    let kept: KeptLog
    /// What the journal told at the start.
    let replay: JournalReplay
    let clock: any MonotonicClock
    /// Known before anything is sent.
    var time = DatabaseTime()
    let logger: Logger

    /// Looks whether the database became another one, as long as the worker runs.
    func run() async {
        try? await cancelWhenGracefulShutdown {
            while true {
                try await self.clock.sleep(for: Self.interval)
                guard let standing = self.fence.untold else { continue }
                await self.attempt(
                    standing,
                    outstanding: { self.journal.outstandingAttempts(at: .now) },
                    isIntact: true
                )
            }
        }
    }

    /// Finds out which database this is, and takes it over if need be: before anything else is told to it.
    ///
    /// - Throws: `CancellationError` only.
    func first() async throws {
        var backoff = Backoff()
        while true {
            do {
                let asked = Timestamp.now
                let answer = try await self.queue.heartbeat(.init(self.worker, memory: self.fence.memory))
                self.time.hear(answer.now, askedAt: asked)
                self.fence.hear(answer.standing)
                guard let standing = self.fence.untold else { return }
                await self.attempt(
                    standing,
                    outstanding: { self.replay.attempts(at: .now) },
                    isIntact: self.replay.loss == nil
                )
            } catch {
                if backoff.isWorthTelling || backoff.failures == 0 {
                    self.logger.warning("messaging-service not reached yet", metadata: ["error": "\(error)"])
                }
            }
            try await self.clock.sleep(for: backoff.pause(jitter: .jitter))
        }
    }

    private func attempt(
        _ standing: MessagingAPI.Standing,
        outstanding: () -> [MessagingAPI.KeptAttempt],
        isIntact: Bool
    ) async {
        do {
            // In this order: what ends between both is in one of them at least.
            let outstanding = outstanding()
            let reading = self.kept.reading(since: standing.restoredTo, withIntactJournal: isIntact)
            try await self.tell(reading, outstanding, to: standing)
        } catch {
            self.logger.warning("journal not told to the database yet", metadata: ["error": "\(error)"])
        }
    }

    private func tell(
        _ reading: KeptReading,
        _ outstanding: [MessagingAPI.KeptAttempt],
        to standing: MessagingAPI.Standing
    ) async throws {
        var (part, count): (Int, Int) = (0, 0)
        // A file at a time: together they may be large.
        for file in reading.files.map(Optional.some) + [nil] {
            let attempts = file.map(reading.attempts) ?? outstanding
            for start in stride(from: 0, to: attempts.count, by: Self.batch) {
                let batch = Array(attempts[start..<min(start + Self.batch, attempts.count)])
                try await self.tell(batch, part: part, of: reading, to: standing)
                (part, count) = (part + 1, count + batch.count)
            }
        }
        try await self.tell([], part: part, isLast: true, of: reading, to: standing)
        try self.fence.adopt(standing)
        self.logger.notice(
            "database taken over",
            metadata: ["attempts": "\(count)", "covers_since": "\(reading.coversSince?.description ?? "nothing")"]
        )
    }

    private func tell(
        _ attempts: [MessagingAPI.KeptAttempt],
        part: Int,
        isLast: Bool = false,
        of reading: KeptReading,
        to standing: MessagingAPI.Standing
    ) async throws {
        try await self.queue.replay(
            .init(
                worker: self.worker,
                epoch: standing.epoch,
                coversSince: reading.coversSince,
                part: part,
                isLast: isLast,
                attempts: attempts
            )
        )
    }
}
