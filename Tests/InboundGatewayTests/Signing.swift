import Crypto
import Foundation

/// What Meta and Twilio compute, written again from their documents.
enum Signing {
    static func meta(_ body: String, secret: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: Data(body.utf8), using: SymmetricKey(data: Data(secret.utf8)))
        return "sha256=" + self.hex(code)
    }

    static func twilio(_ url: String, _ form: [(String, String)], token: String) -> String {
        let text = form.sorted { $0.0 < $1.0 }.reduce(url) { $0 + $1.0 + $1.1 }
        let key = SymmetricKey(data: Data(token.utf8))
        return Data(HMAC<Insecure.SHA1>.authenticationCode(for: Data(text.utf8), using: key)).base64EncodedString()
    }

    static func sha256(_ body: String) -> String { self.hex(SHA256.hash(data: Data(body.utf8))) }

    private static func hex(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
