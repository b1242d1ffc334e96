/// What an attachment of an email may be called, and how much of them a message may have.
package enum AttachmentRules {
    /// Attachments of one message.
    package static let count = 1...20
    /// Bytes of all attachments of a message together, as files.
    package static let totalBytes = 10 * 1024 * 1024
    /// Unicode scalars of a name.
    package static let nameLength = 1...200

    /// A name without a path, that no header and no file system takes for something else.
    package static func isName(_ text: String) -> Bool {
        self.nameLength.contains(text.unicodeScalars.count) && HeaderLine.isSafe(text)
            && !text.contains(where: { $0 == "/" || $0 == "\\" }) && text != "." && text != ".."
    }

    /// `type/subtype` of RFC 6838 without parameters; never `multipart` or `message`, which are mails of their own.
    package static func isType(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, text.utf8.count <= 127, parts.allSatisfy(self.isTypeName) else { return false }
        return !["multipart", "message"].contains(parts[0].lowercased())
    }

    private static func isTypeName(_ name: Substring) -> Bool {
        guard let first = name.utf8.first, self.isLetterOrDigit(first) else { return false }
        return name.utf8.allSatisfy { self.isLetterOrDigit($0) || "!#$&-^_.+".utf8.contains($0) }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch Unicode.Scalar(byte) {
        case "0"..."9", "A"..."Z", "a"..."z": true
        default: false
        }
    }
}
