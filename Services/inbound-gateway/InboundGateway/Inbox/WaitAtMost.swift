import Synchronization

/// Returns when `work` is done, or when `limit` is over; then `work` goes on without its caller.
func waitAtMost(
    _ limit: Duration,
    clock: any Clock<Duration>,
    _ work: @escaping @Sendable () async -> Void
) async {
    await withCheckedContinuation { continuation in
        let waiter = Waiter(continuation)
        let timer = Task {
            try? await clock.sleep(for: limit)
            waiter.resume()
        }
        Task {
            await work()
            waiter.resume()
            timer.cancel()
        }
    }
}

/// Resumes its continuation once, whoever comes first.
private final class Waiter: Sendable {
    private let continuation: Mutex<CheckedContinuation<Void, Never>?>

    init(_ continuation: CheckedContinuation<Void, Never>) {
        self.continuation = Mutex(continuation)
    }

    func resume() {
        self.continuation.withLock { continuation in
            defer { continuation = nil }
            return continuation
        }?.resume()
    }
}
