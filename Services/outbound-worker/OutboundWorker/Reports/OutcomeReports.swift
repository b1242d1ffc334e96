import InternalAPI
import Logging
import Shared

/// Hands the outcomes of attempts to messaging-service, and frees their slots when it has them.
///
/// One call is on its way at a time and the next one carries what ended meanwhile: calls grow with the load by themselves.
struct OutcomeReports: Sendable {
    let queue: any DeliveryQueue
    let slots: Slots
    let clock: any MonotonicClock
    let logger: Logger
    private let pending = PendingBatch<MessagingAPI.AttemptOutcome>()

    init(queue: any DeliveryQueue, slots: Slots, clock: any MonotonicClock, logger: Logger) {
        self.queue = queue
        self.slots = slots
        self.clock = clock
        self.logger = logger
    }

    func add(_ outcome: MessagingAPI.AttemptOutcome) {
        self.pending.add(outcome)
    }

    /// Lets `run` end when everything is handed over.
    func finish() {
        self.pending.finish()
    }

    /// Hands over until finished; when cancelled, it gives up what is left and says how much that is.
    func run() async {
        var undelivered = 0
        while let batch = await self.pending.next() {
            do {
                try await self.deliver(batch[...])
            } catch {
                undelivered += batch.count
            }
        }
        guard undelivered > 0 else { return }
        self.logger.error(
            "outcomes were not delivered: their leases end as uncertain",
            metadata: ["outcomes": "\(undelivered)"]
        )
    }

    /// - Throws: `CancellationError` only.
    private func deliver(_ batch: ArraySlice<MessagingAPI.AttemptOutcome>) async throws {
        var backoff = Backoff()
        while true {
            do {
                try await self.queue.report(Array(batch))
                return self.slots.release(batch.count)
            } catch let problem as Problem where problem.refusesForGood {
                return try await self.deliverApart(batch, refused: problem)
            } catch {
                let pause = backoff.pause(jitter: .jitter)
                if backoff.isWorthTelling {
                    self.logger.warning(
                        "outcomes not delivered yet",
                        metadata: [
                            "outcomes": "\(batch.count)", "failures": "\(backoff.failures)",
                            "error": "\(String(reflecting: error))",
                        ]
                    )
                }
                try await self.clock.sleep(for: pause)
            }
        }
    }

    /// Keeps one outcome that messaging-service will never take from holding back all others.
    ///
    /// The refused one is given up, visibly: its lease ends, and the attempt is shown as `lost`.
    private func deliverApart(
        _ batch: ArraySlice<MessagingAPI.AttemptOutcome>,
        refused problem: Problem
    ) async throws {
        guard batch.count > 1 else {
            for outcome in batch {
                self.logger.error(
                    "outcome refused by messaging-service",
                    metadata: [
                        "message.id": "\(outcome.reference.messageID)", "attempt": "\(outcome.reference.number)",
                        "outcome": "\(outcome.outcome.className)", "problem": "\(problem.code)",
                    ]
                )
            }
            return self.slots.release(batch.count)
        }
        let middle = batch.startIndex + batch.count / 2
        try await self.deliver(batch[..<middle])
        try await self.deliver(batch[middle...])
    }
}

extension Problem {
    /// The content of the request is at fault, so that sending it again would end the same.
    ///
    /// Not 401, 404, 408 and 429: a secret that is being changed, a service that is being deployed, a busy one; what passes
    /// by itself is 503. A 500 is a fault that this outcome meets each time.
    var refusesForGood: Bool { [400, 409, 413, 422, 500].contains(self.status) }
}
