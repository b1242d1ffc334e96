import Crypto
import Foundation

/// Signs webhooks as Meta does.
struct WebhookSigner: Sendable {
    private let key: SymmetricKey

    init(secret: String) {
        self.key = SymmetricKey(data: Data(secret.utf8))
    }

    /// The value of `X-Hub-Signature-256`.
    func signature(of text: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: self.key)
        return "sha256=" + code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
