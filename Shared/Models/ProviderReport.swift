/// What a provider says later, by webhook, about a message it took.
///
/// Reports come late, repeated and in any order; none is an order to move a message backwards.
package struct ProviderReport: Sendable, Equatable, Codable {
    package enum Status: Sendable, Equatable, Codable {
        case sent
        case delivered
        case read
        case failed(ProviderError, FailureClass)
        /// Worth showing, without effect on the state (`queued`, `deferred`, a click).
        case note(String)
    }

    /// The same for every repetition of one event, unique within its account: `wamid…:delivered`.
    package let eventKey: String
    /// What we gave the provider to echo; nil when it did not.
    package let reference: AttemptReference?
    package let providerMessageID: String?
    package let status: Status
    /// By the provider's clock; nil when it did not say.
    package let occurredAt: Timestamp?

    package init(
        eventKey: String,
        reference: AttemptReference?,
        providerMessageID: String?,
        status: Status,
        occurredAt: Timestamp?
    ) {
        self.eventKey = eventKey
        self.reference = reference
        self.providerMessageID = providerMessageID
        self.status = status
        self.occurredAt = occurredAt
    }
}

/// Names one attempt of one message towards a provider: `01993c5e-….3`.
///
/// It needs no look-up: whoever gets it back knows the message and the attempt.
package struct AttemptReference: Hashable, Sendable, Codable, LosslessStringConvertible {
    package let messageID: MessageID
    /// Counted from 1.
    package let number: Int

    package init(messageID: MessageID, number: Int) {
        self.messageID = messageID
        self.number = number
    }

    package init?(_ description: String) {
        let parts = description.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let messageID = MessageID(String(parts[0])), let number = Int(parts[1]), number > 0
        else { return nil }
        self.init(messageID: messageID, number: number)
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let reference = AttemptReference(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an attempt reference")
        }
        self = reference
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(self.description)
    }

    package var description: String { "\(self.messageID).\(self.number)" }
}
