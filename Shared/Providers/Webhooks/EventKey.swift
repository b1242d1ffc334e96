import Crypto
import Foundation

/// A key as our tables take it: itself, or its digest when it is longer than their 400 bytes.
///
/// Providers' ids are a tenth of that; what else is signed with an account's secret must not be lost for its length.
enum EventKey {
    static let mostBytes = 400

    static func bounded(_ key: String) -> String {
        key.utf8.count > Self.mostBytes ? Self.digest(of: Array(key.utf8)) : key
    }

    /// SHA-256 in hex, for what has no id of its own.
    static func digest(of bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
