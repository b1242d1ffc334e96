import Foundation

/// The hours of a day in which nobody wants advertising, by the recipient's clock.
package struct QuietHours: Sendable, Equatable, Codable {
    /// Minutes after midnight, 0 to 1,439; the end is the first minute that is not quiet, and may be on the next day.
    package let start: Int
    package let end: Int
    /// Of recipients whose zone is not known; a name as of IANA's database.
    package let timezone: String

    package init(start: Int, end: Int, timezone: String) {
        self.start = start
        self.end = end
        self.timezone = timezone
    }

    /// When they end, if `time` lies within them.
    ///
    /// - Parameters:
    ///   - time: to be judged.
    ///   - zone: the recipient's; nil, or one that nobody knows, counts as the organization's.
    /// - Returns: nil outside of them.
    package func end(at time: Timestamp, in zone: String?) -> Timestamp? {
        guard let zone = zone.flatMap(TimeZone.init(identifier:)) ?? TimeZone(identifier: self.timezone) else {
            return nil
        }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let date = Date(timeIntervalSince1970: Double(time.microseconds) / 1_000_000)
        let clock = calendar.dateComponents([.hour, .minute], from: date)
        let minute = (clock.hour ?? 0) * 60 + (clock.minute ?? 0)
        let isQuiet =
            self.start < self.end
            ? self.start <= minute && minute < self.end : self.start <= minute || minute < self.end
        guard isQuiet else { return nil }
        // An hour that the summer time skips ends when it begins.
        let end = calendar.nextDate(
            after: date,
            matching: DateComponents(hour: self.end / 60, minute: self.end % 60, second: 0),
            matchingPolicy: .nextTime
        )
        return end.map { Timestamp(microseconds: Int64($0.timeIntervalSince1970 * 1_000_000)) }
    }
}

extension QuietHours {
    /// Reads `start` and `end`, each as `21:30`, and `timezone`, which is `UTC` when absent; nil when something is wrong.
    init?(reading fields: inout JSONFields) {
        let before = fields.violations.count
        let start = fields.requiredString("start", 1...5)
        let end = fields.requiredString("end", 1...5)
        let timezone = fields.string("timezone", 1...100) ?? "UTC"
        guard fields.violations.count == before else { return nil }
        for (name, text) in [("start", start), ("end", end)] where Self.minutes(text) == nil {
            fields.violation(at: name, "must be a time of the day from 00:00 to 23:59, like 21:30")
        }
        if TimeZone(identifier: timezone) == nil {
            fields.violation(at: "timezone", "must be the name of a time zone, like Europe/Berlin")
        }
        guard let first = Self.minutes(start), let last = Self.minutes(end) else { return nil }
        if first == last { fields.violation(at: "end", "must be another time than the start") }
        guard fields.violations.count == before else { return nil }
        self.init(start: first, end: last, timezone: timezone)
    }

    private static func minutes(_ text: String) -> Int? {
        let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.count == 2 && $0.allSatisfy(Self.isDigit) }),
            let hour = Int(String(decoding: parts[0], as: UTF8.self)), hour < 24,
            let minute = Int(String(decoding: parts[1], as: UTF8.self)), minute < 60
        else { return nil }
        return hour * 60 + minute
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
