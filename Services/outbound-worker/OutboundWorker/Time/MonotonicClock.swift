import EventLoopTasks

/// A clock that only goes forward, in the instants that providers take as deadlines.
protocol MonotonicClock: Clock, Sendable where Instant == ContinuousClock.Instant, Duration == Swift.Duration {}

extension ContinuousClock: MonotonicClock {}
extension EventLoopClock: MonotonicClock {}
