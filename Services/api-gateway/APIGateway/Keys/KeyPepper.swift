import Crypto
import Foundation
import Secrets
package import Shared

/// Makes and compares what is stored of a secret: HMAC-SHA-256 under `KEY_PEPPER`.
///
/// Secrets have 256 random bits, so a slow hash would add nothing but time; the pepper makes a stolen table useless.
package struct KeyPepper: Sendable {
    private let key: SymmetricKey
    /// Compared where there is no row, so that an unknown id takes the time of a wrong secret.
    private let dummy: [UInt8]
    /// Seals the answers that show a key, for the days in which a repeated request gets them again.
    let answers: SecretBox
    /// By which a repeated request is known.
    let fingerprint: Fingerprint

    /// - Throws: `ConfigFailure` for fewer than 32 bytes, the length of the MAC.
    package init(_ text: String) throws(ConfigFailure) {
        guard text.utf8.count >= 32 else {
            throw ConfigFailure(key: "KEY_PEPPER", reason: "must have at least 32 bytes")
        }
        self.key = SymmetricKey(data: Array(text.utf8))
        self.dummy = Array(HMAC<SHA256>.authenticationCode(for: Array("nobody's key".utf8), using: self.key))
        let derived = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: self.key,
            info: Data("herald answers that show a key".utf8),
            outputByteCount: 32
        )
        let text = unsafe derived.withUnsafeBytes { unsafe Data($0).base64EncodedString() }
        self.answers = SecretBox(masterKeys: MasterKeys(try MasterKey(base64: text, setting: "KEY_PEPPER")))
        self.fingerprint = Fingerprint(secret: text)
    }

    package func mac(of token: KeyToken) -> [UInt8] { self.mac(of: token.signed) }

    func mac(of text: String) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: self.key))
    }

    /// Compares in constant time; with nil it takes as long, and is false.
    func isValid(_ mac: [UInt8]?, for text: String) -> Bool {
        let isEqual = HMAC<SHA256>.isValidAuthenticationCode(
            mac ?? self.dummy,
            authenticating: Array(text.utf8),
            using: self.key
        )
        return isEqual && mac != nil
    }
}
