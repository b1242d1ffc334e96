import InternalAPI
import Synchronization

/// The leased messages that were in flight when a worker crashed: this worker holds one at a time, so that the one at fault
/// is found if it crashes again.
final class Suspects: Sendable {
    private let held = Mutex<Set<MessagingAPI.AttemptKey>>([])

    /// How many more may be leased now.
    var allowance: Int { self.held.withLock { $0.isEmpty ? 1 : 0 } }

    func add(_ key: MessagingAPI.AttemptKey) {
        self.held.withLock { _ = $0.insert(key) }
    }

    /// Whatever of `keys` is a suspect is none any more: messaging-service knows what became of it.
    func remove(_ keys: some Sequence<MessagingAPI.AttemptKey>) {
        self.held.withLock { $0.subtract(keys) }
    }
}
