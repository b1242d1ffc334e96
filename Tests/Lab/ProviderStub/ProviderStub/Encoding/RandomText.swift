import Foundation

/// Identifiers as the providers make them.
enum RandomText {
    /// Lower-case hexadecimal digits of `bytes` random bytes.
    static func hex(bytes count: Int) -> String {
        self.bytes(count).hexadecimal
    }

    /// Base64 of `bytes` random bytes.
    static func base64(bytes count: Int) -> String {
        Data(self.bytes(count)).base64EncodedString()
    }

    private static func bytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 7)
        while bytes.count < count {
            var word = generator.next()
            for _ in 0..<8 {
                bytes.append(UInt8(truncatingIfNeeded: word))
                word >>= 8
            }
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }
}

extension Sequence<UInt8> {
    /// Two lower-case digits for each byte.
    var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        var output: [UInt8] = []
        for byte in self {
            output.append(digits[Int(byte >> 4)])
            output.append(digits[Int(byte & 15)])
        }
        return String(decoding: output, as: UTF8.self)
    }
}
