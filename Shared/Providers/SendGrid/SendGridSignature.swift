import Crypto
import Foundation
package import Shared

/// Checks the signature of SendGrid's Event Webhook.
///
/// - Source: Twilio, "Getting Started with the Event Webhook Security Features"; headers
///   `X-Twilio-Email-Event-Webhook-Signature` and `X-Twilio-Email-Event-Webhook-Timestamp`.
package enum SendGridSignature {
    /// How old a request may be: SendGrid repeats one for a day, and nobody says that it signs it anew.
    ///
    /// A repetition changes nothing, so that its age is not what protects us.
    package static let oldest = Duration.seconds(86_400)
    /// How far its clock may be ahead of ours.
    package static let ahead = Duration.seconds(600)

    /// ECDSA over P-256 and SHA-256, of the timestamp as it is written and the body as it arrived.
    ///
    /// - Parameters:
    ///   - body: of the request, before anything has read it.
    ///   - signature: the header's value: base64 of DER.
    ///   - timestamp: the header's value: seconds since 1970.
    ///   - publicKey: the account's `webhook_public_key`: base64 of the SPKI form.
    ///   - now: by our clock.
    /// - Throws: why the signature proves nothing; `notConfigured` also when the key is none.
    package static func verify(
        body: [UInt8],
        signature: String?,
        timestamp: String?,
        publicKey: String?,
        now: Timestamp
    ) throws(WebhookSignatureFailure) {
        guard let key = publicKey.flatMap(Self.key) else { throw .notConfigured }
        guard let signature, let timestamp else { throw .missing }
        guard let time = Timestamp(sinceEpoch: timestamp), let der = Data(base64Encoded: signature),
            let code = try? P256.Signing.ECDSASignature(derRepresentation: der)
        else { throw .malformed }
        var digest = SHA256()
        digest.update(data: Array(timestamp.utf8))
        digest.update(data: body)
        guard key.isValidSignature(code, for: digest.finalize()) else { throw .mismatch }
        guard (now - Self.oldest)...(now + Self.ahead) ~= time else { throw .expired }
    }

    private static func key(_ text: String) -> P256.Signing.PublicKey? {
        Data(base64Encoded: text).flatMap { try? P256.Signing.PublicKey(derRepresentation: $0) }
    }
}
