import FaultPoints
import InternalAPI
import Logging
import Shared

/// Settles what the life before this one left, before this one asks for work.
///
/// The order matters: an outcome that is known must be told before the attempts of unknown end, and the old journal is forgotten
/// last. Until then each step may be repeated, by this life or by the next.
struct Recovery: Sendable {
    let handOver: HandOver
    let journal: AttemptJournal
    /// What the journal told at the start.
    let replay: JournalReplay
    /// Knows which database is told; nil where there is but one.
    var fence: RestoreFence?
    let logger: Logger

    /// - Throws: `CancellationError` only.
    func callAsFunction() async throws {
        let refused = try await self.tellOutcomes()
        let request = MessagingAPI.RecoveryRequest(
            worker: self.handOver.worker,
            journal: self.replay.condition,
            // What can not be told must not be taken for what never left.
            uncertain: self.replay.uncertain + refused,
            memory: self.fence?.memory
        )
        try await self.repeating("recovery not taken yet") { try await self.handOver.queue.recover(request) }
        FaultPoint.recoveryHandedOver.reach()
        try await self.repeating("journal can not be written: no work is taken") {
            try self.journal.begin(after: self.replay)
        }
        self.logger.notice(
            "worker recovered",
            metadata: [
                "journal": "\(self.replay.loss?.rawValue ?? self.replay.condition.rawValue)",
                "outcomes": "\(self.replay.outcomes.count)", "uncertain": "\(request.uncertain.count)",
            ]
        )
    }

    /// - Returns: the attempts whose outcomes messaging-service will never take.
    private func tellOutcomes() async throws -> [MessagingAPI.AttemptKey] {
        var refused: [MessagingAPI.AttemptKey] = []
        var rest = self.replay.outcomes.map(LeaseEnd.outcome)[...]
        while !rest.isEmpty {
            try await self.handOver(rest.prefix(HandOver.limit)) { ends, answer in
                switch answer {
                case .taken: break
                case .refused: refused += ends.map(\.key)
                }
            }
            rest = rest.dropFirst(HandOver.limit)
        }
        return refused
    }

    /// Repeats a step until it succeeds, whatever it throws.
    private func repeating(_ sentence: Logger.Message, _ step: () async throws -> Void) async throws {
        var backoff = Backoff()
        while true {
            do {
                return try await step()
            } catch {
                let pause = backoff.pause(jitter: .jitter)
                if backoff.isWorthTelling {
                    self.logger.warning(
                        sentence,
                        metadata: ["failures": "\(backoff.failures)", "error": "\(String(reflecting: error))"]
                    )
                }
                try await self.handOver.clock.sleep(for: pause)
            }
        }
    }
}
