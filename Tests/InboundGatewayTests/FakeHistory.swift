import InboundGateway
import Providers
import Shared
import Synchronization

/// A provider's memory of what customers sent.
final class FakeHistory: MessageHistory {
    private struct State {
        var messages: [FormParameters] = []
        var failures = 0
        var questions: [Timestamp] = []
    }

    private let state = Mutex(State())

    /// Since when it was asked, each time.
    var questions: [Timestamp] { self.state.withLock(\.questions) }

    func set(_ messages: [FormParameters], failures: Int = 0) {
        self.state.withLock { ($0.messages, $0.failures) = (messages, failures) }
    }

    func messages(
        of credentials: Credentials,
        since: Timestamp,
        before deadline: ContinuousClock.Instant
    ) async throws(TwilioHistory.Failure) -> [FormParameters] {
        let messages: [FormParameters]? = self.state.withLock { state in
            state.questions.append(since)
            guard state.failures == 0 else {
                state.failures -= 1
                return nil
            }
            return state.messages
        }
        guard let messages else {
            throw TwilioHistory.Failure(reason: ProviderError(code: "20003", detail: "Authenticate"))
        }
        return messages
    }
}
