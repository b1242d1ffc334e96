import Dispatch
import Foundation
import Synchronization

/// Starts all processes from one thread that never ends.
///
/// The kernel ends them when the thread that started them does (`setpriv --pdeathsig`), so that none outlives a test process
/// that crashed; threads of the pools end when they have been idle for some seconds.
package final class SpawningThread: Sendable {
    package static let shared = SpawningThread()

    private let waiting = Mutex<[@Sendable () -> Void]>([])
    private let arrived = DispatchSemaphore(value: 0)

    private init() {
        let thread = Thread { self.work() }
        thread.name = "spawning"
        thread.start()
    }

    package func run<Value: Sendable>(_ start: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            self.waiting.withLock { $0.append { continuation.resume(with: Result { try start() }) } }
            self.arrived.signal()
        }
    }

    private func work() {
        while true {
            self.arrived.wait()
            let next = self.waiting.withLock { $0.isEmpty ? nil : $0.removeFirst() }
            next?()
        }
    }
}
