/// The pairs of an `application/x-www-form-urlencoded` body or query, in their order.
package struct FormParameters: Sendable, Equatable {
    /// Twilio sends some 30 pairs, and up to 10 media with two pairs each.
    package static let maximumPairs = 500

    package struct Pair: Sendable, Equatable {
        package let name: String
        package let value: String
    }

    package let pairs: [Pair]

    package init(_ pairs: [(String, String)]) {
        self.pairs = pairs.map { Pair(name: $0, value: $1) }
    }

    /// Reads `a=1&b=2`; `+` is a space, and a name without `=` has an empty value.
    ///
    /// - Throws: for a broken `%` escape, for bytes that are not UTF-8, and for more than 500 pairs.
    package init(parsing bytes: some Collection<UInt8>) throws(WebhookFormatFailure) {
        var pairs: [Pair] = []
        for field in bytes.split(separator: UInt8(ascii: "&")) {
            guard pairs.count < Self.maximumPairs else {
                throw WebhookFormatFailure(detail: "A form may have at most \(Self.maximumPairs) parameters.")
            }
            let name = field.prefix { $0 != UInt8(ascii: "=") }
            let value = field.dropFirst(name.count + 1)
            pairs.append(Pair(name: try Self.decode(name), value: try Self.decode(value)))
        }
        self.pairs = pairs
    }

    /// The first value of that name.
    package subscript(name: String) -> String? { self.pairs.first { $0.name == name }?.value }

    /// The pairs as a body: everything but letters, digits and `*-._` escaped.
    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for pair in self.pairs {
            if !bytes.isEmpty { bytes.append(UInt8(ascii: "&")) }
            Self.encode(pair.name, to: &bytes)
            bytes.append(UInt8(ascii: "="))
            Self.encode(pair.value, to: &bytes)
        }
        return bytes
    }

    private static func decode(_ bytes: some Collection<UInt8>) throws(WebhookFormatFailure) -> String {
        var decoded: [UInt8] = []
        var rest = bytes.makeIterator()
        while let byte = rest.next() {
            switch byte {
            case UInt8(ascii: "+"): decoded.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.next()?.hexDigitValue, let low = rest.next()?.hexDigitValue else {
                    throw WebhookFormatFailure(detail: "A `%` in a form must be followed by two hex digits.")
                }
                decoded.append(high << 4 | low)
            default: decoded.append(byte)
            }
        }
        guard let text = String(validating: decoded, as: UTF8.self) else {
            throw WebhookFormatFailure(detail: "A form must be UTF-8.")
        }
        return text
    }

    private static func encode(_ text: String, to bytes: inout [UInt8]) {
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in text.utf8 {
            if byte.isASCIILetter || byte.isASCIIDigit || "*-._".utf8.contains(byte) {
                bytes.append(byte)
            } else if byte == UInt8(ascii: " ") {
                bytes.append(UInt8(ascii: "+"))
            } else {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
    }
}
