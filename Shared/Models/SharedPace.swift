import Synchronization

/// A `SparingPace` that several may keep.
package final class SharedPace: Sendable {
    private let pace: Mutex<SparingPace>

    package init(free: Duration = SparingPace.free) {
        self.pace = Mutex(SparingPace(free: free))
    }

    package func allows(at now: ContinuousClock.Instant) -> Bool {
        self.pace.withLock { $0.allows(at: now) }
    }

    package func spent(_ cost: Duration, until end: ContinuousClock.Instant) {
        self.pace.withLock { $0.spent(cost, until: end) }
    }
}
