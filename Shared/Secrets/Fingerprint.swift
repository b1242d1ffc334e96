import Crypto
import Foundation
package import Shared

/// Tells whether two requests under one idempotency key ask for the same.
///
/// A keyed hash of the request's canonical encoding (members sorted by name): the order of members does not matter, and
/// without the key nobody can find the telephone number in it by trying.
package struct Fingerprint: Sendable {
    private let key: SymmetricKey

    /// - Parameter secret: at least 32 bytes; the key is derived from it, and serves nothing else.
    package init(secret: String) {
        self.key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: Data(secret.utf8)),
            info: Data("herald idempotency fingerprint".utf8),
            outputByteCount: 32
        )
    }

    /// The key itself is not part of what is asked, wherever it stood.
    package func callAsFunction(of request: JSONValue) -> [UInt8] {
        var object = request.object ?? [:]
        object["idempotency_key"] = nil
        return Array(HMAC<SHA256>.authenticationCode(for: JSONValue.object(object).canonical.bytes, using: self.key))
    }

    /// Of a body that is too long to be read as a whole: another order of its members makes another one.
    package func callAsFunction(of bytes: some Collection<UInt8>) -> [UInt8] {
        var hash = HMAC<SHA256>(key: self.key)
        hash.update(data: Array(bytes))
        return Array(hash.finalize())
    }
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
