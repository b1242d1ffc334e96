import Crypto
import Foundation

extension SHA256 {
    /// The digest as 64 hexadecimal digits, in lower case.
    static func hexDigest(of bytes: some DataProtocol) -> String {
        Self.hash(data: bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
