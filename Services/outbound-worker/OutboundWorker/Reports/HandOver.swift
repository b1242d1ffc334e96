import InternalAPI
import Logging
import Shared

/// Hands what became of leases to messaging-service, however long that takes.
struct HandOver: Sendable {
    /// What one call to messaging-service may carry.
    static var limit: Int { 1000 }

    /// What messaging-service said to a part of a batch.
    enum Answer {
        case taken
        /// It never will be: sending it again would end the same.
        case refused
    }

    let queue: any DeliveryQueue
    let worker: MessagingAPI.WorkerIdentity
    let clock: any MonotonicClock
    let logger: Logger

    /// Returns when every element has been answered.
    ///
    /// - Parameters:
    ///   - batch: at most 1,000.
    ///   - answered: is told of each part at once.
    /// - Throws: `CancellationError` only.
    func callAsFunction(
        _ batch: ArraySlice<LeaseEnd>,
        answered: (ArraySlice<LeaseEnd>, Answer) -> Void
    ) async throws {
        var backoff = Backoff()
        while true {
            do {
                try await self.queue.report(.init(worker: self.worker, batch))
                return answered(batch, .taken)
            } catch let problem as Problem where problem.refusesForGood {
                return try await self.handOverApart(batch, refused: problem, answered: answered)
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
    private func handOverApart(
        _ batch: ArraySlice<LeaseEnd>,
        refused problem: Problem,
        answered: (ArraySlice<LeaseEnd>, Answer) -> Void
    ) async throws {
        guard batch.count > 1 else {
            for end in batch {
                self.logger.error(
                    "outcome refused by messaging-service",
                    metadata: [
                        "message.id": "\(end.key.reference.messageID)", "attempt": "\(end.key.reference.number)",
                        "outcome": "\(end.word)", "problem": "\(problem.code)",
                    ]
                )
            }
            return answered(batch, .refused)
        }
        let middle = batch.startIndex + batch.count / 2
        try await self(batch[..<middle], answered: answered)
        try await self(batch[middle...], answered: answered)
    }
}

extension Problem {
    /// The content of the request is at fault, so that sending it again would end the same.
    ///
    /// Not 401, 404, 408 and 429: a secret that is being changed, a service that is being deployed, a busy one; what passes
    /// by itself is 503. A 500 is a fault that this outcome meets each time.
    var refusesForGood: Bool { [400, 409, 413, 422, 500].contains(self.status) }
}
