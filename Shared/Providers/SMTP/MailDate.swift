import Glibc
import Shared

/// A time as mail headers write it (RFC 5322): `Sat, 21 Nov 2026 10:00:00 +0000`.
enum MailDate {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    static func text(_ timestamp: Timestamp) -> String {
        var seconds = time_t(timestamp.microseconds / 1_000_000)
        var parts = unsafe tm()
        unsafe gmtime_r(&seconds, &parts)
        let day = unsafe Self.days[Int(parts.tm_wday)]
        let month = unsafe Self.months[Int(parts.tm_mon)]
        let clock = unsafe [parts.tm_hour, parts.tm_min, parts.tm_sec].map { ($0 < 10 ? "0" : "") + String($0) }
        return unsafe "\(day), \(parts.tm_mday) \(month) \(parts.tm_year + 1900) \(clock.joined(separator: ":")) +0000"
    }

    /// Reads the form above, with a day of one digit or two; the name of the weekday may be anything.
    static func timestamp(_ text: String) -> Timestamp? {
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[0].hasSuffix(","), let month = Self.months.firstIndex(of: String(parts[2])) else {
            return nil
        }
        let day = parts[1].utf8.count == 1 ? "0\(parts[1])" : String(parts[1])
        let number = month < 9 ? "0\(month + 1)" : String(month + 1)
        return Timestamp("\(parts[3])-\(number)-\(day)T\(parts[4])\(parts[5])")
    }
}
