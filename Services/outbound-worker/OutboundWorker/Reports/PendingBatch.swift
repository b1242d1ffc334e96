import Synchronization

/// Collects elements while the batch before them is on its way; many add, one takes.
final class PendingBatch<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element] = []
        var isFinished = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    /// What one call to messaging-service may carry.
    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int = 1000) {
        self.limit = limit
    }

    /// How many wait.
    var count: Int { self.state.withLock { $0.elements.count } }

    func add(_ element: Element) {
        self.wake { $0.elements.append(element) }
    }

    /// Lets `next()` end once everything has been taken.
    func finish() {
        self.wake { $0.isFinished = true }
    }

    /// Waits until there is something, and takes all of it, up to the limit.
    ///
    /// - Returns: nil when finished and empty.
    func next() async -> [Element]? {
        while true {
            let (batch, isFinished) = self.state.withLock { state in (self.take(from: &state), state.isFinished) }
            if !batch.isEmpty { return batch }
            if isFinished { return nil }
            await withCheckedContinuation { continuation in
                let mayGoOn = self.state.withLock { state in
                    guard state.elements.isEmpty, !state.isFinished else { return true }
                    state.waiter = continuation
                    return false
                }
                if mayGoOn { continuation.resume() }
            }
        }
    }

    private func take(from state: inout State) -> [Element] {
        guard state.elements.count > self.limit else {
            let batch = state.elements
            state.elements = []
            return batch
        }
        let batch = Array(state.elements.prefix(self.limit))
        state.elements.removeFirst(self.limit)
        return batch
    }

    private func wake(_ change: (inout State) -> Void) {
        let waiter = self.state.withLock { state in
            change(&state)
            return state.waiter.take()
        }
        waiter?.resume()
    }
}
