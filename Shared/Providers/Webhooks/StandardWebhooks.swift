import Crypto
import Foundation
package import Shared

/// Signs and checks webhooks as the Standard Webhooks specification says.
///
/// - Source: standardwebhooks.com, 1.0.0; headers `webhook-id`, `webhook-timestamp` and `webhook-signature`.
package enum StandardWebhooks {
    /// How far the timestamp may be from now, to either side.
    package static let tolerance = Duration.seconds(300)

    /// The value of `webhook-signature`.
    ///
    /// - Parameters:
    ///   - id: the value of `webhook-id`: the same for every repetition.
    ///   - seconds: the value of `webhook-timestamp`, since 1970.
    ///   - body: of the request, as it is sent.
    ///   - secret: `whsec_` and base64, or a text whose bytes are the key.
    /// - Returns: nil when the secret is none.
    package static func sign(id: String, seconds: Int64, body: [UInt8], secret: String) -> String? {
        guard let key = Self.key(secret) else { return nil }
        let code = Self.code(id: id, timestamp: String(seconds), body: body, key: key)
        return "v1," + Data(code).base64EncodedString()
    }

    /// Compares in constant time with each signature that the header lists: there are two while a secret is changed.
    ///
    /// - Parameters:
    ///   - body: of the request, before anything has read it.
    ///   - id: the header's value, as the next two.
    ///   - timestamp: seconds since 1970.
    ///   - signature: one or several, with spaces between them.
    ///   - secret: as `sign` takes it.
    ///   - now: by our clock.
    /// - Throws: why the signature proves nothing; `notConfigured` also when the secret is none.
    package static func verify(
        body: [UInt8],
        id: String?,
        timestamp: String?,
        signature: String?,
        secret: String?,
        now: Timestamp
    ) throws(WebhookSignatureFailure) {
        guard let key = secret.flatMap(Self.key) else { throw .notConfigured }
        guard let id, let timestamp, let signature else { throw .missing }
        let codes = signature.split(separator: " ").compactMap(Self.bytes)
        guard !id.isEmpty, let time = Timestamp(sinceEpoch: timestamp), !codes.isEmpty else { throw .malformed }
        // Once, however many there are to compare it with; `==` takes constant time.
        let expected = Self.code(id: id, timestamp: timestamp, body: body, key: key)
        guard codes.contains(where: { expected == $0 }) else { throw .mismatch }
        guard (now - Self.tolerance)...(now + Self.tolerance) ~= time else { throw .expired }
    }

    private static func code(id: String, timestamp: String, body: [UInt8], key: SymmetricKey) -> HMAC<SHA256>.MAC {
        var code = HMAC<SHA256>(key: key)
        code.update(data: Array("\(id).\(timestamp).".utf8))
        code.update(data: body)
        return code.finalize()
    }

    /// Nil for another version than `v1`: the specification has `v1a` with asymmetric keys.
    private static func bytes(_ signature: Substring) -> Data? {
        let scheme = "v1,"
        guard signature.hasPrefix(scheme), let code = Data(base64Encoded: String(signature.dropFirst(scheme.count))),
            code.count == 32
        else { return nil }
        return code
    }

    private static func key(_ secret: String) -> SymmetricKey? {
        let prefix = "whsec_"
        let bytes =
            secret.hasPrefix(prefix)
            ? Data(base64Encoded: String(secret.dropFirst(prefix.count))) : Data(secret.utf8)
        guard let bytes, !bytes.isEmpty else { return nil }
        return SymmetricKey(data: bytes)
    }
}
