package import Shared

/// A token bucket as one point in time: when it is full again if nobody takes anything.
///
/// Whole microseconds, rounded against the taker: in any time `t` no more than `burst + t * perSecond` can be taken.
package struct TokenBucket: Sendable, Equatable {
    package private(set) var fullAt: Timestamp

    package init(fullAt: Timestamp) {
        self.fullAt = fullAt
    }

    /// Tokens that are there, 0 to the burst.
    package func available(at now: Timestamp, _ limit: RateLimit) -> Int {
        let debt = max(0, (self.fullAt - now).microseconds)
        // A day of debt can only come from a limit that has since become greater; and must not overflow.
        guard debt < 86_400_000_000 else { return 0 }
        let missing = Int((debt * Int64(limit.perSecond) + 999_999) / 1_000_000)
        return max(0, limit.burst - missing)
    }

    /// Takes as many as there are, `count` at most.
    ///
    /// - Returns: how many were taken.
    package mutating func take(upTo count: Int, at now: Timestamp, _ limit: RateLimit) -> Int {
        let taken = min(count, self.available(at: now, limit))
        guard taken > 0 else { return 0 }
        self.fullAt = max(self.fullAt, now) + Self.time(toFill: taken, limit)
        return taken
    }

    /// How long until `count` tokens are there; nil when the bucket never holds so many.
    package func wait(for count: Int, at now: Timestamp, _ limit: RateLimit) -> Duration? {
        guard count <= limit.burst else { return nil }
        let debt = max(.zero, self.fullAt - now)
        return max(.zero, debt - Self.time(toFill: limit.burst - count, limit))
    }

    /// How long it takes until `count` more tokens are there.
    static func time(toFill count: Int, _ limit: RateLimit) -> Duration {
        let perSecond = Int64(limit.perSecond)
        return .microseconds((Int64(count) * 1_000_000 + perSecond - 1) / perSecond)
    }
}
