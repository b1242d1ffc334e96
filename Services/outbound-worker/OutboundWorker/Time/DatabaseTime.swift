import Shared
import Synchronization

/// The time by the database's clock, as heartbeats tell it: receivers compare what is signed with theirs, however wrong this
/// machine's may be.
final class DatabaseTime: Sendable {
    /// By how much the database's clock is ahead; negative when it is behind.
    private let ahead = Mutex(Duration.zero)

    /// Takes in what was answered to a question, as far as the time that it took does not explain the difference.
    ///
    /// - Parameters:
    ///   - theirs: nil of a messaging-service of the release before.
    ///   - asked: when the question left, by this machine's clock.
    ///   - answered: when its answer was there.
    func hear(_ theirs: Timestamp?, askedAt asked: Timestamp, answeredAt answered: Timestamp = .now) {
        guard let theirs else { return }
        let ahead = theirs > answered ? theirs - answered : theirs < asked ? theirs - asked : .zero
        self.ahead.withLock { $0 = ahead }
    }

    var now: Timestamp { .now + self.ahead.withLock { $0 } }
}
