package import Foundation

/// A moment in UTC, to the microsecond, as Postgres' `timestamptz` keeps it.
package struct Timestamp: Hashable, Comparable, Sendable {
    /// Since 1970-01-01T00:00:00Z.
    package let microseconds: Int64

    package init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    package init(_ date: Date) {
        self.microseconds = Int64((date.timeIntervalSince1970 * 1_000_000).rounded())
    }

    /// A `Date` of our time has a quarter of a microsecond.
    package static var now: Timestamp {
        #if DEBUG
        Timestamp(Date()) + Self.clockError
        #else
        Timestamp(Date())
        #endif
    }

    #if DEBUG
    /// How wrong this process takes the time to be: `CLOCK_OFFSET` in seconds, which only debug builds know.
    private static let clockError = Duration.seconds(
        ProcessInfo.processInfo.environment["CLOCK_OFFSET"].flatMap { Int($0) } ?? 0
    )
    #endif

    /// 1970-01-01T00:00:00Z: earlier than all that can happen.
    package static let epoch = Timestamp(microseconds: 0)

    /// 9998-12-31T00:00:00Z: later than all that can happen, and the last year that `init(_ text:)` reads.
    package static let distantFuture = Timestamp(microseconds: 253_370_678_400_000_000)

    package var date: Date { Date(timeIntervalSince1970: Double(self.microseconds) / 1_000_000) }

    package static func < (left: Self, right: Self) -> Bool { left.microseconds < right.microseconds }

    package static func + (time: Self, duration: Duration) -> Self {
        Timestamp(microseconds: time.microseconds + duration.microseconds)
    }

    package static func - (time: Self, duration: Duration) -> Self {
        Timestamp(microseconds: time.microseconds - duration.microseconds)
    }

    package static func - (left: Self, right: Self) -> Duration {
        .microseconds(left.microseconds - right.microseconds)
    }
}

extension Duration {
    /// Whole microseconds, the rest cut off.
    package var microseconds: Int64 {
        self.components.seconds * 1_000_000 + self.components.attoseconds / 1_000_000_000_000
    }

    /// Whole milliseconds, the rest cut off.
    package var milliseconds: Int64 { self.microseconds / 1000 }
}
