import Foundation

/// One line of JSON, under construction.
struct LogLine {
    /// Bytes of one value; a longer one ends with `…`.
    static let longestValue = 8 * 1024

    private var bytes: [UInt8] = [UInt8(ascii: "{")]

    mutating func add(_ name: String, _ value: String) {
        if self.bytes.count > 1 { self.bytes.append(UInt8(ascii: ",")) }
        self.append(name)
        self.bytes.append(UInt8(ascii: ":"))
        self.append(value)
    }

    func finished() -> [UInt8] { self.bytes + "}\n".utf8 }

    /// UTC, to the microsecond: `2026-11-21T10:00:00.123456Z`.
    static func now() -> String {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        var parts = unsafe tm()
        var seconds = time.tv_sec
        unsafe gmtime_r(&seconds, &parts)
        func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let microseconds = String(time.tv_nsec / 1000)
        let zeros = String(repeating: "0", count: 6 - microseconds.utf8.count)
        let date = unsafe "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
        let clock = unsafe "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
        return "\(date)T\(clock).\(zeros)\(microseconds)Z"
    }

    private mutating func append(_ text: String) {
        self.bytes.append(UInt8(ascii: "\""))
        let isCut = text.utf8.count > Self.longestValue
        let shown = isCut ? Self.cut(text) : text
        for scalar in shown.unicodeScalars {
            switch scalar {
            case "\"": self.bytes += "\\\"".utf8
            case "\\": self.bytes += "\\\\".utf8
            case "\n": self.bytes += "\\n".utf8
            // Also the second block of control characters and the line separators, which terminals and readers obey.
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}":
                let hex = String(scalar.value, radix: 16)
                self.bytes += "\\u\(String(repeating: "0", count: 4 - hex.utf8.count))\(hex)".utf8
            default: self.bytes += UTF8.encode(scalar) ?? .init()
            }
        }
        if isCut { self.bytes += "…".utf8 }
        self.bytes.append(UInt8(ascii: "\""))
    }

    /// The scalars that fit into the limit as a whole.
    private static func cut(_ text: String) -> String {
        var end = text.utf8.index(text.startIndex, offsetBy: Self.longestValue)
        while end.samePosition(in: text.unicodeScalars) == nil { end = text.utf8.index(before: end) }
        return String(text.unicodeScalars[..<end])
    }
}
