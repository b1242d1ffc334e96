import Crypto
import Foundation
package import Shared

/// A key that seals secrets at rest: 32 random bytes in base64.
package struct MasterKey: Sendable, CustomStringConvertible {
    let key: SymmetricKey
    /// Names the key in what it sealed, so that a later key can tell what is still to be sealed anew.
    let id: [UInt8]

    package init(base64: String, setting: String = "MASTER_KEY") throws(ConfigFailure) {
        guard let bytes = Data(base64Encoded: base64), bytes.count == 32 else {
            throw ConfigFailure(
                key: setting,
                reason: "must be 32 bytes in base64; make one with: openssl rand -base64 32"
            )
        }
        self.key = SymmetricKey(data: bytes)
        self.id = Array(SHA256.hash(data: Data("herald master key id".utf8) + bytes).prefix(4))
    }

    /// A key that serves nothing but `purpose`.
    func derived(for purpose: String) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(inputKeyMaterial: self.key, info: Data(purpose.utf8), outputByteCount: 32)
    }

    /// Says nothing, whoever prints it.
    package var description: String { "MasterKey(…)" }
}

extension MasterKey: CustomReflectable {
    package var customMirror: Mirror { Mirror(self, children: []) }
}
