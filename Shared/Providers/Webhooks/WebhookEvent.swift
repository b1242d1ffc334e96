package import Shared

/// One thing that a provider's webhook tells; a webhook may tell several.
package struct WebhookEvent: Sendable, Equatable {
    package enum Content: Sendable, Equatable {
        /// About a message that we sent.
        case report(ProviderReport)
        /// A message from a customer.
        case message(InboundMessage)
        /// That a recipient wants no more marketing.
        case optOut(OptOut)
        /// Kept for the record; the name says what it is.
        case other(String)
    }

    /// The same for every repetition of the event, unique within its account.
    package let key: String
    /// WhatsApp's `phone_number_id`: whose event it is when one URL serves many numbers.
    package let providerNumber: String?
    package let content: Content

    package init(key: String, providerNumber: String?, content: Content) {
        self.key = key
        self.providerNumber = providerNumber
        self.content = content
    }
}

extension WebhookEvent {
    /// What has no form that we know, and so no id of its own: it is known by its content.
    static func other(_ name: String, _ value: JSONValue, number: String? = nil) -> WebhookEvent {
        let name = name.storable(upTo: 64)
        let key = "\(name):\(EventKey.digest(of: value.bytes))"
        return WebhookEvent(key: key, providerNumber: number, content: .other(name))
    }
}

/// A webhook whose body is not what its provider sends.
package struct WebhookFormatFailure: Error, Sendable, Equatable {
    /// A sentence that says what to change.
    package let detail: String
}

/// Why a webhook's signature does not prove that it comes from the provider.
package enum WebhookSignatureFailure: Error, Sendable, Equatable {
    /// The account has no secret to check with: nothing may be trusted, and asking again later may help.
    case notConfigured
    case missing
    /// Not in the form of this provider's signatures.
    case malformed
    case mismatch
    /// Right, but made too long ago, or too far in the future: somebody may repeat what they have overheard.
    case expired
}
