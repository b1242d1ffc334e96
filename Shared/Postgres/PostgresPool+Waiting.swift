import Synchronization

extension PostgresPool {
    /// Waits for this caller's turn, at most for `acquireTimeout`.
    func turn() async throws -> PoolTurn<PostgresConnection> {
        let now = self.stopwatch.now
        if let turn = self.state.withLock({ $0.take(at: now) }) { return turn }
        defer { self.metrics.waited(self.stopwatch.now - now) }
        let id = self.waiterIDs.add(1, ordering: .relaxed).newValue
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                self.enter(continuation, id: id)
            }
        } onCancel: {
            self.state.withLock { $0.leave(id: id) }?.resume(throwing: CancellationError())
        }
    }

    private func enter(_ waiter: CheckedContinuation<PoolTurn<PostgresConnection>, any Error>, id: Int) {
        let now = self.stopwatch.now
        let isWaiting = self.state.withLock { state in
            // Asked under the lock: a cancellation that comes later finds the waiter on the list.
            guard !Task.isCancelled else { return false }
            state.wait(waiter, id: id, at: now)
            return true
        }
        guard isWaiting else { return waiter.resume(throwing: CancellationError()) }
        // Since `take` said no, a connection may have come back.
        self.update { _ in }
        self.startExpiring()
    }

    /// Changes the state, and tells those whose turn has come.
    @discardableResult
    func update<Value: Sendable>(_ change: (inout State) -> Value) -> Value {
        let now = self.stopwatch.now
        let (value, turns) = self.state.withLock { state in
            let value = change(&state)
            return (value, state.turns(at: now))
        }
        for (waiter, turn) in turns {
            waiter.resume(returning: turn)
        }
        return value
    }

    /// One task for all waiters: they wait equally long, so the first in the list is the first to give up.
    private func startExpiring() {
        guard self.isExpiring.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged else {
            return
        }
        Task {
            while let deadline = self.nextDeadline() {
                let remaining = deadline - self.stopwatch.now
                if remaining > .zero { try? await self.stopwatch.sleep(for: remaining) }
                let now = self.stopwatch.now
                for (waiter, error) in self.state.withLock({ $0.expire(at: now) }) {
                    waiter.resume(throwing: error)
                }
            }
        }
    }

    private func nextDeadline() -> Duration? {
        self.state.withLock { state in
            guard let deadline = state.nextDeadline else {
                // Under the lock: who enters after this starts another task.
                self.isExpiring.store(false, ordering: .relaxed)
                return nil
            }
            return deadline
        }
    }
}
