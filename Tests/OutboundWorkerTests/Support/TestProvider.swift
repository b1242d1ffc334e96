import Providers
import Shared
import Synchronization

/// Accepts every message, once its gate is open, and counts.
final class TestProvider: Provider {
    struct Counts {
        var inFlight = 0
        var mostInFlight = 0
        var sent: [AttemptReference] = []
        var deadlines: [ContinuousClock.Instant] = []
    }

    let gate: Gate
    private let state = Mutex(Counts())

    init(gate: Gate = Gate(isOpen: true)) {
        self.gate = gate
    }

    var kind: ProviderKind { .twilio }
    var counts: Counts { self.state.withLock { $0 } }

    func send(_ message: OutboundMessage, before deadline: ContinuousClock.Instant) async -> SendOutcome {
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
}
