import Crypto
import Foundation
package import Shared

/// Recognises addresses that must not be kept: each has a keyed hash in the place of itself.
///
/// Without `MASTER_KEY` nobody can find the telephone number in it by trying. With another key they are not recognised any more.
package struct AddressMarks: Sendable {
    private let key: SymmetricKey

    /// The key is derived from `masterKey`, and serves nothing else.
    package init(masterKey: MasterKey) {
        self.key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: masterKey.key,
            info: Data("herald erased address".utf8),
            outputByteCount: 32
        )
    }

    /// `erased:` and 64 hexadecimal digits; another one in every organization.
    package func callAsFunction(_ value: String, of orgID: OrgID) -> String {
        var text = [UInt8](Erased.prefix.utf8)
        for byte in HMAC<SHA256>.authenticationCode(for: Data("\(orgID)|\(value)".utf8), using: self.key) {
            text.append(hexadecimalDigit(byte >> 4))
            text.append(hexadecimalDigit(byte & 0x0F))
        }
        return String(decoding: text, as: UTF8.self)
    }
}
