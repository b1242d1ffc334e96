import InternalAPI
import Postgres
package import Shared

/// Something that happened to a message, as the timeline of its conversation shows it.
package struct Activity: Sendable, Equatable {
    /// The raw values are those of the public API and of the Postgres enum `activity_type`.
    package enum Kind: String, Sendable, CaseIterable {
        case received = "MESSAGE_RECEIVED"
        case sent = "MESSAGE_SENT"
        case statusUpdate = "MESSAGE_STATUS_UPDATE"
        /// It will not arrive: refused, forbidden, or too late.
        case failed = "MESSAGE_FAILED"
    }

    /// Who made it happen, where it was no person.
    static let engine = "engine"
    static let provider = "provider"

    package let orgID: OrgID
    package let conversationID: ConversationID
    /// In the order of `at`.
    package let id: ID<Activity>
    package let messageID: MessageID
    package let at: Timestamp
    package let kind: Kind
    package var actor: String
    /// The status of an update, the code of a failure.
    package let detail: String?
}

extension Activity.Kind: PostgresValue {}

extension Activity {
    /// That a customer wrote.
    init(_ message: ReceivedMessage, at time: Timestamp) {
        self.init(
            orgID: message.item.orgID,
            conversationID: message.item.conversationID,
            id: ID(message.id.uuid),
            messageID: message.id,
            at: time,
            kind: .received,
            actor: Self.provider,
            detail: nil
        )
    }

    /// That a message is not sent, because of a policy; nil where none forbids it.
    init?(blockOf message: PreparedMessage) {
        guard let block = message.block else { return nil }
        self.init(
            orgID: message.request.orgID,
            conversationID: message.conversationID,
            id: .new(at: message.createdAt),
            messageID: message.id,
            at: message.createdAt,
            kind: .failed,
            actor: Self.engine,
            detail: block.code
        )
    }

    /// What became of a message; never before it was made, by whosever clock.
    init(_ kind: Kind, of message: StoredMessage, at time: Timestamp, by actor: String, detail: String? = nil) {
        let time = max(time, message.id.time)
        self.init(
            orgID: message.orgID,
            conversationID: message.conversationID,
            id: .new(at: time),
            messageID: message.id,
            at: time,
            kind: kind,
            actor: actor,
            detail: detail
        )
    }
}
