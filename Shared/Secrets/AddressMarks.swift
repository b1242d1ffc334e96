import Crypto
import Foundation
package import Shared

/// Recognises addresses that must not be kept: each has a keyed hash in the place of itself.
///
/// Without its master key nobody can find the telephone number in it by trying, and nobody recognises the address any more.
package struct AddressMarks: Sendable {
    /// Of the newest master key first.
    private let keys: [SymmetricKey]

    /// The keys are derived from `masterKeys`, and serve nothing else.
    package init(masterKeys: MasterKeys) {
        self.keys = masterKeys.derived(for: "herald erased address")
    }

    /// What is stored now: `erased:` and 64 hexadecimal digits; another one in every organization.
    package func callAsFunction(_ value: String, of orgID: OrgID) -> String {
        Self.mark(of: value, orgID, by: self.keys[0])
    }

    /// All that may have been stored, the newest first.
    package func all(of value: String, _ orgID: OrgID) -> [String] {
        self.keys.map { Self.mark(of: value, orgID, by: $0) }
    }

    private static func mark(of value: String, _ orgID: OrgID, by key: SymmetricKey) -> String {
        var text = [UInt8](Erased.prefix.utf8)
        for byte in HMAC<SHA256>.authenticationCode(for: Data("\(orgID)|\(value)".utf8), using: key) {
            text.append(hexadecimalDigit(byte >> 4))
            text.append(hexadecimalDigit(byte & 0x0F))
        }
        return String(decoding: text, as: UTF8.self)
    }
}
