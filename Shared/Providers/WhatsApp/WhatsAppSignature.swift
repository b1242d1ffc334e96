import Crypto
import Foundation

/// Checks Meta's `X-Hub-Signature-256`.
package enum WhatsAppSignature {
    /// Compares in constant time, over the bytes as they arrived.
    ///
    /// - Parameters:
    ///   - body: of the request, before anything has read it.
    ///   - header: `sha256=` and 64 hex digits of either case; `sha1=` is refused.
    ///   - appSecret: of the Meta app that the account belongs to.
    /// - Throws: why the signature proves nothing.
    package static func verify(
        body: [UInt8],
        header: String?,
        appSecret: String?
    ) throws(WebhookSignatureFailure) {
        guard let appSecret, !appSecret.isEmpty else { throw .notConfigured }
        guard let header else { throw .missing }
        let scheme = "sha256="
        guard header.hasPrefix(scheme), let code = [UInt8](hex: header.dropFirst(scheme.count)), code.count == 32 else {
            throw .malformed
        }
        let key = SymmetricKey(data: Array(appSecret.utf8))
        guard HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: body, using: key) else { throw .mismatch }
    }
}
