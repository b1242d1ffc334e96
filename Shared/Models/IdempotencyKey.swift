/// A name that a caller gives to a request, so that repeating it changes nothing.
///
/// 1 to 255 bytes of printable ASCII without spaces (0x21 to 0x7E). The quotes of a structured header are not part of it: `"k"` is `k`.
package struct IdempotencyKey: Hashable, Sendable {
    package let text: String

    package init(_ text: String) throws(Problem) {
        let isQuoted = text.utf8.count > 2 && text.hasPrefix("\"") && text.hasSuffix("\"")
        let key = isQuoted ? String(text.dropFirst().dropLast()) : text
        guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Problem(
                code: "idempotency-key-invalid",
                status: 400,
                title: "An idempotency key has 1 to 255 printable ASCII characters, without spaces."
            )
        }
        self.text = key
    }
}

extension Problem {
    package static let idempotencyKeyReused = Problem(
        code: "idempotency-key-reused",
        status: 422,
        title: "This idempotency key was already used for another request."
    )
    package static let idempotencyKeyInUse = Problem(
        code: "idempotency-key-in-use",
        status: 409,
        title: "A request with this idempotency key is being worked on; ask again in a moment.",
        retryAfterSeconds: 1
    )
}
