/// A content type that no browser runs, whatever a sender called their file.
struct SafeMediaType: Sendable {
    /// Without parameters.
    let text: String

    private static let documents: Set<String> = [
        "application/pdf", "application/zip", "application/msword", "application/rtf", "text/plain", "text/csv",
        "text/vcard", "text/calendar",
    ]

    /// Takes pictures, sounds, films and documents; everything else is bytes.
    init(_ told: String) {
        let essence = told.prefix { $0 != ";" }.lowercased().filter { $0 != " " }
        let isPlain = essence.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "/+-.".utf8.contains(byte)
        }
        // SVG and all other XML may have scripts.
        let isXML = essence.hasSuffix("xml")
        let isKnown =
            Self.documents.contains(essence) || essence.hasPrefix("application/vnd.")
            || ["image/", "audio/", "video/"].contains { essence.hasPrefix($0) && essence.count > $0.count }
        self.text = isPlain && isKnown && !isXML ? essence : "application/octet-stream"
    }
}

/// The header by which a browser saves a file instead of showing it (RFC 6266).
struct ContentDisposition: Sendable {
    let text: String

    /// - Parameter fileName: as the sender called it; nil when it has no name.
    init(fileName: String?) {
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
