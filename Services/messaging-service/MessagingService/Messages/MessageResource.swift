import Foundation
import PhoneNumbers
import Postgres
package import Shared

/// A message as the public API shows it.
package struct MessageResource: Sendable {
    package let id: MessageID
    package let orgID: OrgID
    package var direction: Direction = .outbound
    package let channel: Channel
    package let status: MessageStatus
    /// The customer's: the recipient, and of an inbound message the sender.
    package let address: String
    /// The account's, of an inbound message; nil where it is not known.
    package var ownAddress: String?
    /// The message that an inbound one answers.
    package var inReplyTo: MessageID?
    package let customerID: CustomerID?
    package let conversationID: ConversationID?
    package let accountID: AccountID
    /// The broadcast that it was made for.
    package var broadcastID: ID<Broadcast>?
    /// The parts of the content, as the JSON that is stored.
    package let content: JSONValue
    package let category: Category
    package let reference: String?
    package let metadata: JSONValue?
    package var attemptCount = 0
    package let retryPolicy: RetryPolicy
    package let onUncertain: UncertainPolicy
    package let scheduledAt: Timestamp?
    package var nextAttemptAt: Timestamp?
    package let expiresAt: Timestamp?
    package var providerMessageID: String?
    package var error: JSONValue = .null
    package let createdAt: Timestamp
    package let updatedAt: Timestamp
    package let queuedAt: Timestamp?
    package var sentAt: Timestamp?
    package var deliveredAt: Timestamp?
    package var readAt: Timestamp?
    package var failedAt: Timestamp?
    /// When what it said and to whom was erased.
    package var erasedAt: Timestamp?

    /// In the order of `openapi.yaml`; absent values are `null`, absent parts of the content are left out.
    package var members: [(String, JSONValue)] {
        var members: [(String, JSONValue)] = [
            ("id", .text(self.id)), ("org_id", .text(self.orgID)), ("direction", .string(self.direction.rawValue)),
            ("channel", .string(self.channel.rawValue)), ("status", .string(self.status.rawValue)),
        ]
        switch self.direction {
        case .outbound: members += [("to", .string(self.address))] + self.recipientMembers
        case .inbound: members += [("from", .string(self.address)), ("to", .text(self.ownAddress))]
        }
        members += [
            ("customer_id", .text(self.customerID)), ("conversation_id", .text(self.conversationID)),
            ("account_id", .text(self.accountID)),
        ]
        if let broadcastID { members.append(("broadcast_id", .text(broadcastID))) }
        if let inReplyTo { members.append(("in_reply_to", .text(inReplyTo))) }
        members += (self.content.object?.members ?? []).map { ($0.name, $0.value) }
        if let segments { members.append(("segments", .number(JSONNumber(segments.count)))) }
        members += [
            ("category", .string(self.category.rawValue)), ("reference", .text(self.reference)),
            ("metadata", self.metadata ?? .null), ("attempt_count", .number(JSONNumber(self.attemptCount))),
            ("max_attempts", .number(JSONNumber(self.retryPolicy.delays.count + 1))),
            ("on_uncertain", .string(self.onUncertain.rawValue)),
            ("provider_message_id", .text(self.providerMessageID)), ("error", self.error),
        ]
        let times: [(String, Timestamp?)] = [
            ("scheduled_at", self.scheduledAt), ("next_attempt_at", self.nextAttemptAt),
            ("expires_at", self.expiresAt), ("created_at", self.createdAt), ("updated_at", self.updatedAt),
            ("queued_at", self.queuedAt), ("sent_at", self.sentAt), ("delivered_at", self.deliveredAt),
            ("read_at", self.readAt), ("failed_at", self.failedAt),
        ]
        members += times.map { ($0.0, .text($0.1)) }
        if let erasedAt { members.append(("erased_at", .text(erasedAt))) }
        return members
    }

    package var json: JSONValue { .object(members: self.members) }

    /// How an outbound SMS is cut; nil for all others.
    var segments: SMSSegments? {
        guard self.channel == .sms, self.direction == .outbound else { return nil }
        return self.content["body"]?.string.map(SMSSegments.init)
    }

    /// What can be seen of a telephone number; nothing of other addresses.
    private var recipientMembers: [(String, JSONValue)] {
        guard let details = PhoneNumber.details(of: self.address) else { return [] }
        return [("to_region", .text(details.region?.rawValue)), ("to_type", .string(details.kind.rawValue))]
    }
}

extension MessageContent {
    /// As it is stored, and shown.
    var json: JSONValue {
        var members: [(String, JSONValue)] = []
        if let body { members.append(("body", .string(body))) }
        if let subject { members.append(("subject", .string(subject))) }
        if let html { members.append(("html", .string(html))) }
        if let fromName { members.append(("from_name", .string(fromName))) }
        if let replyTo { members.append(("reply_to", .string(replyTo))) }
        if let attachments { members.append(("attachments", .array(attachments.map(\.json)))) }
        if let template { members.append(("template", template.json)) }
        if let media { members.append(("media", media.json)) }
        if let interactive { members.append(("interactive", interactive)) }
        return .object(members: members)
    }
}

extension MediaReference {
    fileprivate var json: JSONValue {
        .object(members: [
            ("url", .string(self.url)), ("kind", .string(self.kind.rawValue)), ("caption", .text(self.caption)),
        ])
    }
}

extension MessageResource {
    /// Reads rows of `message_states`, in their order.
    static func read(_ rows: [Row], on connection: isolated PostgresConnection) throws -> [MessageResource] {
        let contents = try SharedContents(rows, on: connection)
        return try rows.map { try MessageResource($0, content: try contents.json(of: $0)) }
    }

    private init(_ row: Row, content: JSONValue) throws {
        let metadata: String? = try row.getIfPresent("metadata")
        let code: String? = try row.getIfPresent("error_code")
        self.init(
            id: try row.get("id"),
            orgID: try row.get("org_id"),
            direction: try row.get("direction"),
            channel: try row.get("channel"),
            status: try row.get("current_status"),
            address: try row.get("recipient"),
            ownAddress: try row.getIfPresent("own_address"),
            inReplyTo: try row.getIfPresent("in_reply_to"),
            customerID: try row.get("customer_id"),
            conversationID: try row.get("conversation_id"),
            accountID: try row.get("account_id"),
            broadcastID: try row.getIfPresent("broadcast_id"),
            content: content,
            category: try row.get("category"),
            reference: try row.getIfPresent("reference"),
            metadata: try metadata.map { try JSONValue(parsing: Array($0.utf8)) },
            attemptCount: try row.get("attempt_count"),
            retryPolicy: RetryPolicy(milliseconds: try row.get("retry_delays")),
            onUncertain: try row.get("on_uncertain"),
            scheduledAt: try row.getIfPresent("scheduled_at"),
            nextAttemptAt: try row.getIfPresent("next_attempt_at"),
            expiresAt: try row.getIfPresent("expires_at"),
            providerMessageID: try row.getIfPresent("provider_message_id"),
            error: try code.map {
                .failure($0, try row.getIfPresent("error_detail"), try row.getIfPresent("error_class"))
            }
                ?? .null,
            createdAt: try row.get("created_at"),
            updatedAt: try row.get("updated_at"),
            queuedAt: try row.getIfPresent("queued_at"),
            sentAt: try row.getIfPresent("sent_at"),
            deliveredAt: try row.getIfPresent("delivered_at"),
            readAt: try row.getIfPresent("read_at"),
            failedAt: try row.getIfPresent("failed_at"),
            erasedAt: try row.getIfPresent("erased_at")
        )
    }
}

extension JSONValue {
    /// A failure as the public API shows it.
    static func failure(_ code: String, _ detail: String?, _ failureClass: FailureClass?) -> JSONValue {
        .object(members: [
            ("code", .string(code)), ("detail", .text(detail)), ("class", .text(failureClass?.rawValue)),
        ])
    }
}
