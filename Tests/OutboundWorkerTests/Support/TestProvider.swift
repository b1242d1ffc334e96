import Providers
import Shared
import Synchronization

/// Accepts every message, once its gate is open, and counts; it can be asked, and knows nothing, once it is open.
final class TestProvider: LookUpProvider {
    struct Counts {
        var inFlight = 0
        var mostInFlight = 0
        var sent: [AttemptReference] = []
        var deadlines: [ContinuousClock.Instant] = []
        var questions = 0
    }

    let gate: Gate
    /// Runs when a message arrives, before the gate.
    private let onSend: @Sendable (OutboundMessage) -> Void
    private let state = Mutex(Counts())

    init(gate: Gate = Gate(isOpen: true), onSend: @escaping @Sendable (OutboundMessage) -> Void = { _ in }) {
        self.gate = gate
        self.onSend = onSend
    }

    var kind: ProviderKind { .twilio }
    var counts: Counts { self.state.withLock { $0 } }

    func send(_ message: OutboundMessage, before deadline: ContinuousClock.Instant) async -> SendOutcome {
        self.onSend(message)
        self.state.withLock { counts in
            counts.inFlight += 1
            counts.mostInFlight = max(counts.mostInFlight, counts.inFlight)
            counts.sent.append(message.reference)
            counts.deadlines.append(deadline)
        }
        await self.gate.pass()
        self.state.withLock { $0.inFlight -= 1 }
        return .accepted(providerMessageID: "SM-\(message.reference)")
    }

    func lookUp(_ question: LookUpQuestion, before deadline: ContinuousClock.Instant) async -> LookUpAnswer {
        self.state.withLock { $0.questions += 1 }
        await self.gate.pass()
        return .absent
    }
}
