/// The header by which a browser saves a file instead of showing it (RFC 6266).
package struct ContentDisposition: Sendable {
    package let text: String

    /// - Parameter fileName: as the sender called it; nil when it has no name.
    package init(fileName: String?) {
        guard let name = fileName, !name.isEmpty else {
            self.text = "attachment"
            return
        }
        // RFC 8187: everything but what needs no escape; at most 200 characters of a name are enough.
        let escaped = name.prefix(200).utf8.map { byte -> String in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                String(UnicodeScalar(byte))
            default:
                "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        self.text = "attachment; filename*=UTF-8''\(escaped.joined())"
    }
}
