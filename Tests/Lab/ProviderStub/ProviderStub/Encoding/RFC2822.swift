import Foundation

/// Times as Twilio writes them: `Thu, 24 Aug 2023 05:01:45 +0000`.
///
/// By arithmetic: it is on the hot path, and a formatter with a pattern costs ten times as much.
enum RFC2822 {
    private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// For dates since 1970.
    static func text(_ date: Date) -> String {
        let seconds = Int(date.timeIntervalSince1970)
        let (days, time) = seconds.quotientAndRemainder(dividingBy: 86_400)
        let (year, month, day) = self.civil(days: days)
        let clock = [time / 3600, time / 60 % 60, time % 60].map(self.twoDigits).joined(separator: ":")
        return "\(self.weekdays[days % 7]), \(self.twoDigits(day)) \(self.months[month - 1]) \(year) \(clock) +0000"
    }

    /// The Gregorian date that many days after 1970-01-01, by eras of 400 years that start in March.
    private static func civil(days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func twoDigits(_ number: Int) -> String {
        number < 10 ? "0\(number)" : String(number)
    }
}
