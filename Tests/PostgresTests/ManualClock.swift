import Synchronization

/// Stands still until it is advanced.
final class ManualClock: Clock {
    private let time = Mutex(ContinuousClock.now)

    var now: ContinuousClock.Instant { self.time.withLock { $0 } }
    var minimumResolution: Duration { .zero }

    func advance(by duration: Duration) {
        self.time.withLock { $0 = $0.advanced(by: duration) }
    }

    func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {}
}
