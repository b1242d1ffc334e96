/// Somebody's wish to get no more marketing, as our own link or a provider tells it.
package struct OptOut: Sendable, Equatable, Codable {
    /// How the wish was told; the raw value is the source that the consent's history shows.
    package enum Source: String, Sendable, CaseIterable, Codable {
        /// By a link of the message, ours or the provider's.
        case unsubscribe
        /// The recipient reported the message as spam.
        case complaint
    }

    package let channel: Channel
    package let address: Address
    package let source: Source
    /// The message that was had enough of: the proof.
    package let messageID: MessageID?
    /// By the clock of whoever told it; nil when they did not say.
    package let occurredAt: Timestamp?

    package init(channel: Channel, address: Address, source: Source, messageID: MessageID?, occurredAt: Timestamp?) {
        self.channel = channel
        self.address = address
        self.source = source
        self.messageID = messageID
        self.occurredAt = occurredAt
    }
}
