import InternalAPI
import Synchronization

/// Numbers the questions of workers as they do themselves.
final class LeaseCalls: Sendable {
    private let calls = Mutex<[MessagingAPI.WorkerIdentity: Int]>([:])

    /// The number of the worker's next question; from 1.
    func next(of worker: MessagingAPI.WorkerIdentity) -> Int {
        self.calls.withLock { calls in
            calls[worker, default: 0] += 1
            return calls[worker, default: 0]
        }
    }
}
