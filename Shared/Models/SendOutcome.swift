/// What a provider did with one attempt: a closed list, and the only thing the engine branches on.
///
/// A complete error answer, or a failure before the first byte left, is definite; `uncertain` is only
/// "bytes left, and no complete answer came back".
package enum SendOutcome: Sendable, Equatable, Codable {
    /// The provider took responsibility; its later reports name `providerMessageID`.
    case accepted(providerMessageID: String)
    /// Too fast for the account or for this recipient: the message waits, and no attempt is spent.
    case throttled(ProviderError, retryAfter: Duration?, scope: ThrottleScope)
    /// Trying again may succeed; `retryAfter` is the provider's own wish, if it stated one.
    case failedTransiently(ProviderError, retryAfter: Duration?)
    /// Trying again can not succeed: bad address, refused content, opted out.
    case rejected(ProviderError)
    /// The account can not send at all (expired token, unpaid bill): its messages wait.
    case accountBlocked(ProviderError)
    /// Nobody knows whether the provider took it.
    case uncertain(ProviderError)
}

extension String {
    /// The text as Postgres takes it: without NUL, and cut to a number of bytes, never within a character.
    package func storable(upTo bytes: Int) -> String {
        guard self.utf8.count > bytes || self.utf8.contains(0) else { return self }
        var text = String.UnicodeScalarView()
        var count = 0
        for scalar in self.unicodeScalars where scalar != "\0" {
            count += UTF8.width(scalar)
            guard count <= bytes else { break }
            text.append(scalar)
        }
        return String(text)
    }
}

/// What a throttling answer spoke of.
package enum ThrottleScope: String, Sendable, Codable {
    case account, recipient
}

/// A provider's own words about a failure, for the sender and for the operator.
package struct ProviderError: Sendable, Equatable, Codable {
    /// The provider's code (`131026`, `21211`, `smtp-550`), or ours for what never reached it (`connection-refused`).
    package let code: String
    /// One sentence; no secret, no message text.
    package let detail: String
    /// The provider's answer, at most 2 KB of it.
    package let response: String?
    /// The address takes no mail, and never will; nil where nothing of the kind was said.
    package let isHardBounce: Bool?

    package init(code: String, detail: String, response: String? = nil, isHardBounce: Bool? = nil) {
        self.code = code.storable(upTo: 200)
        self.detail = detail.storable(upTo: 1000)
        self.response = response?.storable(upTo: 2048)
        self.isHardBounce = isHardBounce
    }
}

/// The class of a failure, as the public API names it in `error.class`.
package enum FailureClass: String, Sendable, CaseIterable, Codable, Hashable {
    case throttled, transient, permanent, account, uncertain
}
