/// One mailbox, as it stands in an SMTP command: `user@example.com`.
///
/// ASCII only, since mail servers need not take more; no quoted local parts, no comments, no spaces.
struct EmailAddress: Hashable, Sendable, LosslessStringConvertible {
    let description: String
    let domain: String

    init?(_ text: String) {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        // The lengths of RFC 5321, 4.5.3.1.
        guard parts.count == 2, (1...64).contains(parts[0].utf8.count), (1...253).contains(parts[1].utf8.count),
            text.utf8.count <= 254, parts[0].utf8.allSatisfy(Self.isLocal), parts[1].utf8.allSatisfy(Self.isDomain)
        else { return nil }
        self.description = text
        self.domain = String(parts[1])
    }

    /// The characters of an atom (RFC 5322), and the point.
    private static func isLocal(_ byte: UInt8) -> Bool {
        byte.isASCIILetter || byte.isASCIIDigit || "!#$%&'*+-/=?^_`{|}~.".utf8.contains(byte)
    }

    private static func isDomain(_ byte: UInt8) -> Bool {
        byte.isASCIILetter || byte.isASCIIDigit || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }
}
