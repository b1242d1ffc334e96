import Shared

/// The bytes of a `bytea`, bound and read as hexadecimal text: `\x00ff`.
///
/// A type of its own, because `[UInt8]` would be an array of numbers.
package struct ByteArray: Sendable, Hashable, PostgresValue {
    package let bytes: [UInt8]

    package init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    package init?(postgresText: String) {
        var digits = postgresText.utf8[...]
        guard digits.popFirst() == UInt8(ascii: "\\"), digits.popFirst() == UInt8(ascii: "x"), digits.count % 2 == 0
        else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        while let first = digits.popFirst(), let second = digits.popFirst() {
            guard let high = hexadecimalValue(of: first), let low = hexadecimalValue(of: second) else { return nil }
            bytes.append(high << 4 | low)
        }
        self.bytes = bytes
    }

    package var postgresText: String {
        var text: [UInt8] = [UInt8(ascii: "\\"), UInt8(ascii: "x")]
        text.reserveCapacity(2 + 2 * self.bytes.count)
        for byte in self.bytes {
            text.append(hexadecimalDigit(byte >> 4))
            text.append(hexadecimalDigit(byte & 0x0F))
        }
        return String(decoding: text, as: UTF8.self)
    }
}
