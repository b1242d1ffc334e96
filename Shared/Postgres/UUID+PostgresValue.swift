package import Foundation
package import Shared

extension UUID: PostgresValue {
    package init?(postgresText: String) {
        // Postgres writes one form only: 36 characters, hyphens at 8, 13, 18 and 23.
        guard postgresText.utf8.count == 36 else { return nil }
        var halves: (high: UInt64, low: UInt64) = (0, 0)
        for (index, byte) in postgresText.utf8.enumerated() {
            if index == 8 || index == 13 || index == 18 || index == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let value = hexadecimalValue(of: byte) else { return nil }
            halves.high = halves.high << 4 | halves.low >> 60
            halves.low = halves.low << 4 | UInt64(value)
        }
        func byte(_ word: UInt64, _ index: Int) -> UInt8 { UInt8(truncatingIfNeeded: word >> (56 - 8 * UInt64(index))) }
        let (high, low) = halves
        self.init(
            uuid: (
                byte(high, 0), byte(high, 1), byte(high, 2), byte(high, 3), byte(high, 4), byte(high, 5),
                byte(high, 6), byte(high, 7), byte(low, 0), byte(low, 1), byte(low, 2), byte(low, 3),
                byte(low, 4), byte(low, 5), byte(low, 6), byte(low, 7)
            )
        )
    }

    package var postgresText: String {
        var text: [UInt8] = []
        text.reserveCapacity(36)
        self.appendArrayElement(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    package func appendArrayElement(to literal: inout [UInt8]) {
        unsafe withUnsafeBytes(of: self.uuid) { bytes in
            for index in 0..<16 {
                if index == 4 || index == 6 || index == 8 || index == 10 { literal.append(UInt8(ascii: "-")) }
                let byte = unsafe bytes[index]
                literal.append(hexadecimalDigit(byte >> 4))
                literal.append(hexadecimalDigit(byte & 0x0F))
            }
        }
    }
}

extension ID: PostgresValue {
    package init?(postgresText: String) {
        guard let uuid = UUID(postgresText: postgresText) else { return nil }
        self.init(uuid)
    }

    package var postgresText: String { self.uuid.postgresText }
    package func appendArrayElement(to literal: inout [UInt8]) { self.uuid.appendArrayElement(to: &literal) }
}
