import Synchronization

/// Whether the worker can work: messaging-service answered it lately.
final class Readiness: Sendable {
    /// Ten heartbeats: messaging-service may restart without every worker being taken for broken.
    static var validity: Duration { .seconds(10) }

    private let clock: any MonotonicClock
    private let lastSuccess = Mutex<ContinuousClock.Instant?>(nil)

    init(clock: any MonotonicClock) {
        self.clock = clock
    }

    var isReady: Bool {
        guard let last = self.lastSuccess.withLock({ $0 }) else { return false }
        return last.duration(to: self.clock.now) < Self.validity
    }

    /// Notes that messaging-service has just answered.
    func succeeded() {
        let now = self.clock.now
        self.lastSuccess.withLock { $0 = now }
    }
}
