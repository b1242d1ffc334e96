package import Foundation

extension UUID {
    /// Reads the canonical form: 36 characters, hyphens at 8, 13, 18 and 23; digits in either case.
    ///
    /// Foundation's own goes through `sscanf`, which is felt where every row and every JSON body has ids.
    package init?(canonical text: String) {
        guard text.utf8.count == 36 else { return nil }
        var halves: (high: UInt64, low: UInt64) = (0, 0)
        for (index, byte) in text.utf8.enumerated() {
            if index == 8 || index == 13 || index == 18 || index == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let value = hexadecimalValue(of: byte) else { return nil }
            halves.high = halves.high << 4 | halves.low >> 60
            halves.low = halves.low << 4 | UInt64(value)
        }
        self.init(high: halves.high, low: halves.low)
    }

    /// Takes the first and the last eight bytes, the most significant first.
    package init(high: UInt64, low: UInt64) {
        func byte(_ word: UInt64, _ index: Int) -> UInt8 { UInt8(truncatingIfNeeded: word >> (56 - 8 * UInt64(index))) }
        self.init(
            uuid: (
                byte(high, 0), byte(high, 1), byte(high, 2), byte(high, 3), byte(high, 4), byte(high, 5),
                byte(high, 6), byte(high, 7), byte(low, 0), byte(low, 1), byte(low, 2), byte(low, 3),
                byte(low, 4), byte(low, 5), byte(low, 6), byte(low, 7)
            )
        )
    }

    /// The canonical form in lower case, as Postgres writes it.
    package var canonicalText: String {
        var text: [UInt8] = []
        text.reserveCapacity(36)
        self.appendCanonicalText(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// The 32 digits alone.
    package func appendDigits(to text: inout [UInt8]) {
        unsafe withUnsafeBytes(of: self.uuid) { bytes in
            for index in 0..<16 {
                let byte = unsafe bytes[index]
                text.append(hexadecimalDigit(byte >> 4))
                text.append(hexadecimalDigit(byte & 0x0F))
            }
        }
    }

    package func appendCanonicalText(to text: inout [UInt8]) {
        unsafe withUnsafeBytes(of: self.uuid) { bytes in
            for index in 0..<16 {
                if index == 4 || index == 6 || index == 8 || index == 10 { text.append(UInt8(ascii: "-")) }
                let byte = unsafe bytes[index]
                text.append(hexadecimalDigit(byte >> 4))
                text.append(hexadecimalDigit(byte & 0x0F))
            }
        }
    }
}
