import Crypto
import Foundation
import HTTPTypes

/// Checks a request as Standard Webhooks 1.0.0 tells its receiver to.
struct WebhookSignature {
    /// Seconds that the timestamp may be from now.
    private static let tolerance: Double = 300

    /// `whsec_` and base64.
    let secret: String

    /// - Returns: the value of `webhook-id`.
    func check(_ headers: HTTPFields, body: Data) throws(WebhookFailure) -> String {
        guard let id = Self.value("webhook-id", of: headers),
            let timestamp = Self.value("webhook-timestamp", of: headers),
            let signatures = Self.value("webhook-signature", of: headers)
        else { throw .unsigned("webhook-id, webhook-timestamp and webhook-signature are required") }
        guard let seconds = Double(timestamp), abs(Date().timeIntervalSince1970 - seconds) <= Self.tolerance else {
            throw .unsigned("webhook-timestamp is not within five minutes from now")
        }
        guard let key = Data(base64Encoded: String(self.secret.dropFirst("whsec_".count))) else {
            throw .unsigned("the receiver has no secret")
        }
        let signed = Data("\(id).\(timestamp).".utf8) + body
        let isSigned = signatures.split(separator: " ").contains { signature in
            guard signature.hasPrefix("v1,"), let code = Data(base64Encoded: String(signature.dropFirst(3))) else {
                return false
            }
            return HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: signed, using: SymmetricKey(data: key))
        }
        guard isSigned else { throw .unsigned("no signature is right") }
        return id
    }

    private static func value(_ name: String, of headers: HTTPFields) -> String? {
        HTTPField.Name(name).flatMap { headers[$0] }
    }
}
