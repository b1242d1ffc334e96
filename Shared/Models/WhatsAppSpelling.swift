/// Telephone numbers of countries whose lines WhatsApp knows under another number than people write.
///
/// Mexico dropped the 1 of its mobile lines in 2019, Brazil put a 9 before its eight digits by 2016, and Argentina writes its 9
/// from abroad only: WhatsApp keeps what a line had when it was registered.
///
/// - Source: the numbering plans as libphonenumber has them, which tests compare with these.
package enum WhatsAppSpelling {
    /// The digits that people write, of those that WhatsApp tells; the same where they do not differ.
    package static func standard(_ digits: String) -> String {
        let bytes = Array(digits.utf8)
        if bytes.count == 13, digits.hasPrefix("521") { return "52" + digits.dropFirst(3) }
        // Eight digits from 6 on were mobile lines.
        if bytes.count == 12, digits.hasPrefix("55"), (UInt8(ascii: "6")...UInt8(ascii: "9")).contains(bytes[4]) {
            return digits.prefix(4) + "9" + digits.dropFirst(4)
        }
        return digits
    }

    /// How else the line of a number in E.164 may have been written; nil for most.
    package static func other(of number: String) -> String? {
        let digits = number.dropFirst()
        switch digits.utf8.count {
        case 12 where digits.hasPrefix("52"): return "+521" + digits.dropFirst(2)
        case 13 where digits.hasPrefix("549"): return "+54" + digits.dropFirst(3)
        case 13 where digits.hasPrefix("55") && digits.dropFirst(4).hasPrefix("9"):
            let short = digits.prefix(4) + digits.dropFirst(5)
            return Self.standard(String(short)) == digits ? "+" + short : nil
        default: return nil
        }
    }
}
