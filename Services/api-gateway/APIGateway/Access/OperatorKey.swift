package import Shared

/// The key of whoever runs the installation; only its MAC is kept in memory.
package struct OperatorKey: Sendable {
    private let pepper: KeyPepper
    private let mac: [UInt8]

    /// - Throws: `ConfigFailure` for fewer than 16 characters, or others than printable ASCII: a header carries it.
    package init(_ text: String, pepper: KeyPepper) throws(ConfigFailure) {
        guard text.utf8.count >= 16, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw ConfigFailure(
                key: "OPERATOR_KEY",
                reason: "must have at least 16 characters of printable ASCII, without spaces"
            )
        }
        self.pepper = pepper
        self.mac = pepper.mac(of: text)
    }

    /// Compares in constant time.
    func matches(_ token: String) -> Bool { self.pepper.isValid(self.mac, for: token) }
}
