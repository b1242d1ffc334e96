import Foundation
import Synchronization

/// A bounded number of threads for calls that block, which Swift's own threads must never do.
///
/// Threads are started when work comes, and end with this object.
final class BlockingThreads: Sendable {
    private let queue: WorkQueue

    /// Work beyond the limit waits its turn.
    init(name: String, limit: Int) {
        self.queue = WorkQueue(name: name, limit: limit)
    }

    deinit {
        self.queue.stop()
    }

    func run<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            self.queue.add { continuation.resume(returning: work()) }
        }
    }
}

/// Outlives `BlockingThreads`, because its threads hold it.
private final class WorkQueue: Sendable {
    private struct State {
        var waiting: [@Sendable () -> Void] = []
        var threads = 0
        var idle = 0
        var isStopped = false
    }

    private let state = Mutex(State())
    private let arrived = DispatchSemaphore(value: 0)
    private let name: String
    private let limit: Int

    init(name: String, limit: Int) {
        self.name = name
        self.limit = max(limit, 1)
    }

    func add(_ work: @escaping @Sendable () -> Void) {
        let needsThread = self.state.withLock { state in
            state.waiting.append(work)
            guard state.waiting.count > state.idle, state.threads < self.limit else { return false }
            state.threads += 1
            return true
        }
        if needsThread { self.startThread() }
        self.arrived.signal()
    }

    func stop() {
        let threads = self.state.withLock { state in
            state.isStopped = true
            return state.threads
        }
        for _ in 0..<threads { self.arrived.signal() }
    }

    private func startThread() {
        let thread = Thread { self.work() }
        thread.name = self.name
        thread.start()
    }

    private func work() {
        while let work = self.next() { work() }
    }

    /// Waits for work; nil once there is nothing more to come.
    private func next() -> (@Sendable () -> Void)? {
        self.state.withLock { $0.idle += 1 }
        self.arrived.wait()
        return self.state.withLock { state in
            state.idle -= 1
            return state.waiting.isEmpty ? nil : state.waiting.removeFirst()
        }
    }
}
