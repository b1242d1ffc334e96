import Foundation

/// How much a test does: a short form for every day, and the whole with `HERALD_LONG=1`.
package enum TestForm {
    package static let isLong = ProcessInfo.processInfo.environment["HERALD_LONG"] == "1"

    package static func value<Value>(short: Value, long: Value) -> Value { self.isLong ? long : short }
}
