import Crypto
import Foundation
package import Shared

/// What one request asks for, as it can be compared with what an earlier one asked for.
package struct RequestFingerprint: Sendable, Hashable {
    /// What is stored.
    package let bytes: [UInt8]
    /// By the keys that were in use before.
    private let earlier: [[UInt8]]

    package init(_ bytes: [UInt8], earlier: [[UInt8]] = []) {
        self.bytes = bytes
        self.earlier = earlier
    }

    /// Whether `stored` was made of the same request, by whichever key.
    package func matches(_ stored: [UInt8]) -> Bool { self.bytes == stored || self.earlier.contains(stored) }
}

/// Tells whether two requests under one idempotency key ask for the same.
///
/// A keyed hash of the request's canonical encoding (members sorted by name): the order of members does not matter, and
/// without the key nobody can find the telephone number in it by trying.
package struct Fingerprint: Sendable {
    /// The newest first.
    private let keys: [SymmetricKey]

    /// - Parameter secret: at least 32 bytes; the key is derived from it, and serves nothing else.
    package init(secret: String) {
        self.init(secrets: [secret])
    }

    package init(masterKeys: MasterKeys) {
        self.init(secrets: masterKeys.all.map(\.base64))
    }

    private init(secrets: [String]) {
        self.keys = secrets.map { secret in
            HKDF<SHA256>.deriveKey(
                inputKeyMaterial: SymmetricKey(data: Data(secret.utf8)),
                info: Data("herald idempotency fingerprint".utf8),
                outputByteCount: 32
            )
        }
    }

    /// The key itself is not part of what is asked, wherever it stood.
    package func callAsFunction(of request: JSONValue) -> RequestFingerprint {
        var object = request.object ?? [:]
        object["idempotency_key"] = nil
        return self.fingerprint(of: JSONValue.object(object).canonical.bytes)
    }

    /// Of a body that is too long to be read as a whole: another order of its members makes another one.
    package func callAsFunction(of bytes: some Collection<UInt8>) -> RequestFingerprint {
        self.fingerprint(of: Array(bytes))
    }

    private func fingerprint(of bytes: [UInt8]) -> RequestFingerprint {
        let codes = self.keys.map { Array(HMAC<SHA256>.authenticationCode(for: bytes, using: $0)) }
        return RequestFingerprint(codes[0], earlier: Array(codes.dropFirst()))
    }
}

extension MasterKey {
    /// As it was configured.
    fileprivate var base64: String { unsafe self.key.withUnsafeBytes { unsafe Data($0).base64EncodedString() } }
}

extension JSONValue {
    /// The same value with the members of every object sorted by name.
    fileprivate var canonical: JSONValue {
        switch self {
        case .null, .bool, .number, .string: self
        case .array(let elements): .array(elements.map(\.canonical))
        case .object(let object):
            .object(members: object.members.sorted { $0.name < $1.name }.map { ($0.name, $0.value.canonical) })
        }
    }
}
