import InternalAPI
import Synchronization

@testable import MessagingService

/// Plays customer-service's part of the decision.
final class PlayedPolicy: Sendable {
    private struct State {
        var verdict: @Sendable (CustomerAPI.PolicyCheck) throws -> CustomerAPI.PolicyVerdict
        var checks: [CustomerAPI.PolicyCheck] = []
    }

    private let state: Mutex<State>

    init(_ verdict: CustomerAPI.PolicyVerdict) {
        self.state = Mutex(State { _ in verdict })
    }

    /// Those it was asked about.
    var stages: [CustomerAPI.PolicyCheck.Stage] { self.state.withLock { $0.checks.map(\.stage) } }

    var ask: PolicyGate.Ask {
        { checks in
            try self.state.withLock { state in
                state.checks += checks
                return try checks.map(state.verdict)
            }
        }
    }

    func set(_ verdict: @escaping @Sendable (CustomerAPI.PolicyCheck) -> CustomerAPI.PolicyVerdict) {
        self.state.withLock { $0.verdict = verdict }
    }

    func fail(with error: any Error) {
        self.state.withLock { $0.verdict = { _ in throw error } }
    }
}
