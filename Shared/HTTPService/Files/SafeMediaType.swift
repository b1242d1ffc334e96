/// A content type that no browser runs, whatever a sender called their file.
package struct SafeMediaType: Sendable {
    /// Without parameters.
    package let text: String

    private static let documents: Set<String> = [
        "application/pdf", "application/zip", "application/msword", "application/rtf", "text/plain", "text/csv",
        "text/vcard", "text/calendar",
    ]

    /// Takes pictures, sounds, films and documents; everything else is bytes.
    package init(_ told: String) {
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
