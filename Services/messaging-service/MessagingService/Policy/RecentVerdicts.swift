import DequeModule
import Shared
import Synchronization

/// When it was asked, in the last moments, whether messages may be made: who leaves at once needs no second question.
///
/// A verdict may be `PolicyGate.freshness` old when its message leaves. Of that what waits for nothing needs a few milliseconds;
/// a second question would be one more call to another service, and one more transaction there.
package final class RecentVerdicts: Sendable {
    /// How long after its question a verdict serves for the claim: little, as an opt-out may come in between.
    package static let age: Duration = .milliseconds(50)

    private struct State {
        var askedAt: [MessageKey: ContinuousClock.Instant] = [:]
        /// The oldest first.
        var order: Deque<MessageKey> = []
    }

    private let state = Mutex(State())
    private let now: @Sendable () -> ContinuousClock.Instant

    package init(now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.now = now
    }

    /// Messages that are remembered; those that are too old until the next are.
    var count: Int { self.state.withLock(\.askedAt.count) }

    /// Takes in which messages were made of which it was said that they may be sent; the others of `messages` are left out.
    func note(_ messages: [PreparedMessage]) {
        let oldest = self.now() - Self.age
        self.state.withLock { state in
            while let key = state.order.first, let askedAt = state.askedAt[key], askedAt < oldest {
                state.order.removeFirst()
                state.askedAt[key] = nil
            }
            for message in messages {
                guard let askedAt = message.allowedAt, askedAt >= oldest else { continue }
                let key = MessageKey(orgID: message.request.orgID, id: message.id)
                if state.askedAt.updateValue(askedAt, forKey: key) == nil { state.order.append(key) }
            }
        }
    }

    /// Whether a message may leave because it might be made.
    ///
    /// Not what is counted, or waits for quiet hours to end: of that nothing was asked when it was made.
    func allow(_ message: GatedMessage) -> Bool {
        let category = message.claimed.category
        guard category != .marketing, message.rules.cap(of: category) == nil else { return false }
        let askedAt = self.state.withLock { $0.askedAt[message.claimed.key] }
        return askedAt.map { $0 >= self.now() - Self.age } ?? false
    }
}
