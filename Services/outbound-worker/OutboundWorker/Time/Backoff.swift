/// The waits between tries of a call that fails: doubled each time, and never all workers at the same moment.
struct Backoff {
    /// Long enough for a restarting service's port to open, short enough that nobody notices one failed call.
    static var first: Duration { .milliseconds(50) }
    /// A service that came back is noticed within this time.
    static var longest: Duration { .seconds(1) }

    private(set) var failures = 0

    /// Counts one more failure.
    ///
    /// - Parameter jitter: a factor in 0.5...1, passed in so that the waits can be tested.
    /// - Returns: how long to wait now.
    mutating func pause(jitter: Double) -> Duration {
        // 2^10 first waits are beyond the longest, and do not overflow.
        let doubled = Self.first * (1 << min(self.failures, 10))
        self.failures += 1
        return min(doubled, Self.longest) * jitter
    }

    /// The failures that are worth a log line: the first of a series, then about one each minute.
    var isWorthTelling: Bool { self.failures % 60 == 1 }
}

extension Double {
    /// The factor that `Backoff` asks for.
    static var jitter: Double { .random(in: 0.5...1) }
}
