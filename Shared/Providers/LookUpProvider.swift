package import Shared

/// A provider that can be asked which messages it took, so that an attempt without an answer need not be repeated blindly.
package protocol LookUpProvider: Provider {
    /// Looks for messages that may be the attempt; throws nothing, and changes nothing at the provider.
    func lookUp(_ question: LookUpQuestion, before deadline: ContinuousClock.Instant) async -> LookUpAnswer
}

/// An attempt that may have reached its provider, as it was handed over.
package struct LookUpQuestion: Sendable {
    package let to: String
    package let content: MessageContent
    /// The provider can not have taken it earlier, by our clocks.
    package let since: Timestamp
    package let credentials: Credentials

    package init(to: String, content: MessageContent, since: Timestamp, credentials: Credentials) {
        self.to = to
        self.content = content
        self.since = since
        self.credentials = credentials
    }
}

/// What a provider knows of an attempt.
package enum LookUpAnswer: Sendable, Equatable {
    /// The provider's ids of messages with the attempt's recipient and text, taken since it began; the oldest first, never none.
    case candidates([String])
    /// The provider answered, and has none.
    case absent
    /// The provider could not be asked, or what it said decides nothing.
    case unanswered(ProviderError)
}
