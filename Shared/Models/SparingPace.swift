/// When to do again what may be dear: so seldom that it takes a fiftieth of the time, but no more than half a minute later.
///
/// For looks whose cost is out of our hands: an index keeps what left it for as long as a snapshot may see it, so that for the
/// hours of a backup each look reads everything that went since. Several of these looks go on side by side, on processors that
/// have messages to send.
package struct SparingPace: Sendable {
    package static let free: Duration = .milliseconds(20)
    private static let part = 50
    /// However long it took: that may have been a database that stood still.
    private static let longest: Duration = .seconds(30)

    /// Nil while it may be done at any time.
    package private(set) var nextAt: ContinuousClock.Instant?
    private let free: Duration

    /// - Parameter free: what takes no longer may be done at any time.
    package init(free: Duration = Self.free) {
        self.free = free
    }

    package func allows(at now: ContinuousClock.Instant) -> Bool {
        self.nextAt.map { now >= $0 } ?? true
    }

    /// Notes that it was done: it took `cost`, until `end`.
    package mutating func spent(_ cost: Duration, until end: ContinuousClock.Instant) {
        self.nextAt = cost > self.free ? end + min(cost * (Self.part - 1), Self.longest) : nil
    }
}
