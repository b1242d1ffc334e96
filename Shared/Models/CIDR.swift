/// A range of addresses: `10.0.0.0/8`, `fd00::/8`, or one address alone.
package struct CIDR: Hashable, Sendable, LosslessStringConvertible {
    package let address: IPAddress
    /// Bits.
    package let prefix: Int

    /// Refuses a prefix that is too long, and bits set after it: `10.0.0.1/8` is more likely a mistake than a wish.
    package init?(_ description: String) {
        let parts = description.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let address = IPAddress(String(parts[0])) else { return nil }
        let bits = address.bytes.count * 8
        guard parts.count == 2 else {
            self.address = address
            self.prefix = bits
            return
        }
        guard parts[1].utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains), let prefix = Int(parts[1]),
            prefix <= bits,
            Self.masked(address.bytes, prefix) == address.bytes
        else { return nil }
        self.address = address
        self.prefix = prefix
    }

    package var description: String { "\(self.address)/\(self.prefix)" }

    package func contains(_ address: IPAddress) -> Bool {
        address.bytes.count == self.address.bytes.count
            && Self.masked(address.bytes, self.prefix) == self.address.bytes
    }

    private static func masked(_ bytes: [UInt8], _ prefix: Int) -> [UInt8] {
        bytes.enumerated().map { index, byte in
            let kept = min(max(prefix - index * 8, 0), 8)
            return byte & UInt8(truncatingIfNeeded: 0xFF00 >> kept)
        }
    }
}
