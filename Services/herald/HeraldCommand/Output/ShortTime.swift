import Shared

/// Times as tables show them.
enum ShortTime {
    /// `2026-11-21 10:00:00.123`, in UTC; what is no time stays as it is.
    static func of(_ text: String) -> String {
        guard let time = Timestamp(text) else { return text }
        return String(time.description.prefix("2026-11-21T10:00:00.123".count)).replacing("T", with: " ")
    }

    /// `250ms`, `1.250s`, `3m 20s`, `5h 1m`, `2d 3h`: the two greatest units.
    static func of(_ duration: Duration) -> String {
        let milliseconds = duration.milliseconds
        guard milliseconds >= 0 else { return "-" + self.of(.zero - duration) }
        let seconds = milliseconds / 1000
        switch seconds {
        case 0: return "\(milliseconds)ms"
        case ..<60: return "\(seconds)." + String(1000 + milliseconds % 1000).dropFirst() + "s"
        case ..<3600: return "\(seconds / 60)m \(seconds % 60)s"
        case ..<86_400: return "\(seconds / 3600)h \(seconds / 60 % 60)m"
        default: return "\(seconds / 86_400)d \(seconds / 3600 % 24)h"
        }
    }
}
