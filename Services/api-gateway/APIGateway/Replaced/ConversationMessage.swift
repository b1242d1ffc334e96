import Shared

/// A message of a conversation, as the messaging platform's clients post it:
/// `{conversation_id, direction, body, channel, metadata: {recipient}}`.
struct ConversationMessage: Sendable {
    /// The caller's names of our fields.
    static let names = ["/to": "/metadata/recipient", "/reference": "/conversation_id"]

    let direction: Direction
    /// Any text or number of the caller's; where it is one of our ids, that conversation.
    let conversation: String
    let body: String
    let channel: Channel
    let recipient: String?
    /// Without `recipient`, which stands in the message.
    let metadata: JSONObject

    /// - Throws: `Problem` `invalid-request` with every violation.
    init(_ body: JSONValue) throws(Problem) {
        var fields = JSONFields(body, at: "")
        self.direction = fields.oneOf("direction", Direction.self) ?? .outbound
        self.conversation = fields.requiredName("conversation_id")
        self.body = fields.requiredString("body", 1...100_000)
        self.channel = fields.requiredOneOf("channel", Channel.self)
        var metadata = fields.object("metadata", bytes: Limits.metadataBytes) ?? [:]
        let recipient = metadata["recipient"]
        metadata["recipient"] = JSONValue?.none
        self.recipient = recipient?.string
        self.metadata = metadata
        if let recipient, recipient.string == nil { fields.violation(at: "metadata/recipient", "must be a string") }
        let isKnown = ConversationID(self.conversation) != nil
        switch self.direction {
        case .outbound where self.recipient == nil && !isKnown:
            fields.violation(at: "metadata/recipient", "is required, or the id of a conversation of ours")
        case .inbound where !isKnown:
            fields.violation(at: "conversation_id", "must be the id of a conversation of ours")
        case .outbound, .inbound: break
        }
        try fields.finish()
    }

    /// As `POST /messages` takes it: the conversation is the message's reference, so that it can be found by it.
    var message: JSONValue {
        var message: JSONObject = ["channel": .string(self.channel.rawValue), "body": .string(self.body)]
        if let recipient {
            message["to"] = .string(recipient)
        } else {
            message["conversation_id"] = .string(self.conversation)
        }
        message["reference"] = .string(self.conversation)
        if !self.metadata.isEmpty { message["metadata"] = .object(self.metadata) }
        return .object(message)
    }

    /// The resource with the caller's own name of the conversation.
    func shown(_ resource: JSONValue) -> JSONValue {
        guard case .object(var members) = resource else { return resource }
        members["conversation_id"] = .string(self.conversation)
        return .object(members)
    }
}

extension JSONFields {
    /// A name in another system, 1 to 200 characters: a text, or a whole number.
    mutating func requiredName(_ name: String) -> String {
        if let number = self.value(name)?.int { return String(number) }
        return self.requiredString(name, 1...200)
    }
}
