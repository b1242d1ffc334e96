import Crypto
import Foundation
package import Shared

extension Erased {
    /// What stands in the place of an event's key, which may hold its sender's number: the databases make the same of it.
    ///
    /// A hash without a secret: providers' keys have enough in them that is random.
    package static func key(of key: String) -> String {
        guard !key.hasPrefix(Self.prefix) else { return key }
        var text = [UInt8](Self.prefix.utf8)
        for byte in SHA256.hash(data: Data(key.utf8)) {
            text.append(hexadecimalDigit(byte >> 4))
            text.append(hexadecimalDigit(byte & 0x0F))
        }
        return String(decoding: text, as: UTF8.self)
    }
}
