import Synchronization

/// What several tasks have together.
final class Tally: Sendable {
    private let total = Mutex(0)

    var count: Int { self.total.withLock { $0 } }

    func add(_ count: Int) {
        self.total.withLock { $0 += count }
    }
}
