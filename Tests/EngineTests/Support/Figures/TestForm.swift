import Foundation

/// How much a test does: a short form for every day, and the whole with `HERALD_LONG=1`.
enum TestForm {
    static let isLong = ProcessInfo.processInfo.environment["HERALD_LONG"] == "1"

    static func value<Value>(short: Value, long: Value) -> Value { self.isLong ? long : short }
}
