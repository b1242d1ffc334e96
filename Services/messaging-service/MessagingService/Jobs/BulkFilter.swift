import HTTPService
import Shared

/// Which messages a bulk act is meant for.
struct BulkFilter: Sendable, Equatable {
    var messages = MessageFilter()
    var errorCode: String?

    /// Reads the object `filter`; what is wrong is added to `fields`.
    init(_ fields: inout JSONFields) {
        self.messages.statuses = fields.oneOrMany("status", MessageStatus.self)
        self.messages.channels = fields.oneOrMany("channel", Channel.self)
        self.messages.conversationID = fields.id("conversation_id", of: Conversation.self)
        self.messages.customerID = fields.id("customer_id", of: Customer.self)
        self.messages.accountID = fields.id("account_id", of: ChannelAccount.self)
        self.messages.broadcastID = fields.id("broadcast_id", of: Broadcast.self)
        self.messages.reference = fields.string("reference", 1...200)
        self.messages.createdAfter = fields.timestamp("created_after")
        self.messages.createdBefore = fields.timestamp("created_before")
        self.errorCode = fields.string("error_code", 1...200)
    }

    init(messages: MessageFilter = MessageFilter(), errorCode: String? = nil) {
        self.messages = messages
        self.errorCode = errorCode
    }

    /// Reads a filter that was stored by `json`.
    init(stored text: String) throws {
        var fields = JSONFields(try JSONValue(parsing: Array(text.utf8)), at: "")
        self.init(&fields)
        try fields.finish()
    }

    /// In the form in which it is read.
    var json: JSONValue {
        let members: [(String, JSONValue?)] = [
            ("status", self.messages.statuses.map { .array($0.map { .string($0.rawValue) }) }),
            ("channel", self.messages.channels.map { .array($0.map { .string($0.rawValue) }) }),
            ("conversation_id", self.messages.conversationID.map { .text($0) }),
            ("customer_id", self.messages.customerID.map { .text($0) }),
            ("account_id", self.messages.accountID.map { .text($0) }),
            ("broadcast_id", self.messages.broadcastID.map { .text($0) }),
            ("reference", self.messages.reference.map { .string($0) }),
            ("created_after", self.messages.createdAfter.map { .text($0) }),
            ("created_before", self.messages.createdBefore.map { .text($0) }),
            ("error_code", self.errorCode.map { .string($0) }),
        ]
        return .object(members: members.compactMap { name, value in value.map { (name, $0) } })
    }
}

extension JSONFields {
    /// One word of an enumeration, or an array of some.
    fileprivate mutating func oneOrMany<Value>(_ name: String, _ type: Value.Type) -> [Value]?
    where Value: RawRepresentable<String> & CaseIterable {
        guard let value = self.value(name) else { return nil }
        let texts = value.array ?? [value]
        let values = texts.compactMap { $0.string.flatMap { Value(rawValue: $0) } }
        guard values.count == texts.count, (1...20).contains(texts.count) else {
            let words = Value.allCases.map(\.rawValue).joined(separator: ", ")
            self.violation(at: name, "must be one of, or a list of some of, \(words)")
            return nil
        }
        return values
    }
}
