import PhoneNumbers
package import Shared

/// What a tenant asks to be sent, valid by itself: nothing here needs another row to be checked.
package struct NewMessage: Sendable, Equatable {
    package enum Recipient: Sendable, Equatable {
        case address(Address)
        case customer(CustomerID)
        case conversation(ConversationID)
    }

    package let recipient: Recipient
    /// Nil when the conversation decides.
    package let channel: Channel?
    package let accountID: AccountID?
    package var content: MessageContent
    package let category: Category
    package let scheduledAt: Timestamp?
    package let expiresAt: Timestamp?
    /// Nil when the account or the organization decides.
    package let retryPolicy: RetryPolicy?
    package let onUncertain: UncertainPolicy
    package let reference: String?
    package let metadata: JSONValue?
    package let idempotencyKey: String?
    /// The files that `content` lists.
    package var attachments: [AttachmentFile] = []

    package var namesTemplate: Bool { self.content.template != nil }
}

extension NewMessage {
    /// Reads the body of `POST /messages`, or one element of a batch; what is wrong is added to `fields`.
    ///
    /// - Parameters:
    ///   - fields: of the body.
    ///   - now: by which its times are judged.
    ///   - region: of telephone numbers without `+`; nil when the organization has none.
    ///   - lead: how long before its time it must be scheduled, at least.
    package init(_ fields: inout JSONFields, now: Timestamp, region: PhoneRegion?, lead: Duration = .zero) {
        self.channel = fields.oneOf("channel", Channel.self)
        self.recipient = Self.recipient(&fields, channel: self.channel, region: region)
        self.accountID = fields.id("account_id", of: ChannelAccount.self)
        var content = MessageContent(&fields)
        self.attachments = fields.attachments("attachments") ?? []
        content.attachments = self.attachments.isEmpty ? nil : self.attachments.map(\.listing)
        self.content = content
        self.category = fields.oneOf("category", Category.self) ?? .transactional
        self.scheduledAt = fields.timestamp("scheduled_at")
        self.expiresAt = fields.timestamp("expires_at")
        self.retryPolicy = fields.nested("retry") { RetryPolicy(&$0) }
        // A one-time code that comes twice does no harm; one that does not come does. A webhook's receiver drops the second.
        let comesOnce = self.category == .otp || self.channel == .webhook
        self.onUncertain = fields.oneOf("on_uncertain", UncertainPolicy.self) ?? (comesOnce ? .resend : .hold)
        self.reference = fields.string("reference", 1...200)
        fields.refuseLineBreaks(in: self.reference, at: "reference")
        self.metadata = fields.object("metadata", bytes: Limits.metadataBytes).map { .object($0) }
        self.idempotencyKey = fields.string("idempotency_key", 1...255)
        if let key = self.idempotencyKey, (try? IdempotencyKey(key)) == nil {
            fields.violation(at: "idempotency_key", "must be printable ASCII without spaces")
        }
        if let channel = self.channel { ContentRules.check(self.content, for: channel, in: &fields) }
        self.checkTimes(in: &fields, now: now, lead: lead)
    }

    private static func recipient(_ fields: inout JSONFields, channel: Channel?, region: PhoneRegion?) -> Recipient {
        let to = fields.string("to", 1...320)
        let customerID = fields.id("customer_id", of: Customer.self)
        let conversationID = fields.id("conversation_id", of: Conversation.self)
        if [to != nil, customerID != nil, conversationID != nil].count(where: { $0 }) > 1 {
            fields.violation(at: "to", "must be the only one of to, customer_id and conversation_id")
        }
        if channel == nil, conversationID == nil, !fields.isPresent("channel") {
            fields.violation(at: "channel", "is required")
        }
        if let conversationID { return .conversation(conversationID) }
        if let customerID { return .customer(customerID) }
        if let to, let channel {
            do {
                return .address(try Address(typed: to, for: channel, in: region))
            } catch {
                fields.violation(at: "to", error.reason)
            }
        } else if to == nil, !fields.isPresent("to"), !fields.isPresent("customer_id") {
            fields.violation(at: "to", "is required, or customer_id, or conversation_id")
        }
        return .address(Address(kind: .external, value: ""))
    }

    private func checkTimes(in fields: inout JSONFields, now: Timestamp, lead: Duration) {
        if let expiresAt, expiresAt <= max(now, self.scheduledAt ?? now) {
            fields.violation(at: "expires_at", "must be later than now, and than scheduled_at")
        }
        if let scheduledAt { fields.check(scheduledAt: scheduledAt, now: now, lead: lead) }
    }
}

extension JSONFields {
    /// What its sender means by "now" may have been a moment ago.
    private static var grace: Duration { .seconds(5) }

    mutating func check(scheduledAt: Timestamp, now: Timestamp, lead: Duration) {
        if scheduledAt > now + .seconds(366 * 86_400) {
            self.violation(at: "scheduled_at", "must be within a year from now")
        } else if scheduledAt < now - Self.grace {
            self.violation(at: "scheduled_at", "must not be in the past: leave it out to send at once")
        } else if lead > .zero, scheduledAt < now + lead {
            let minutes = lead.microseconds / 60_000_000
            self.violation(
                at: "scheduled_at",
                "must be \(minutes) minutes from now, or later: leave it out to send at once"
            )
        }
    }
}

extension MessageContent {
    /// Reads what a message, or all messages of a broadcast, say.
    init(_ fields: inout JSONFields) {
        self.init(
            body: fields.string("body", 1...100_000),
            subject: fields.string("subject", 1...500),
            html: fields.string("html", 1...200_000),
            fromName: fields.string("from_name", 1...EmailRules.fromNameLength),
            replyTo: fields.replyTo("reply_to"),
            template: fields.nested("template") { TemplateReference(&$0) },
            media: fields.nested("media") { MediaReference(&$0) },
            interactive: fields.object("interactive").map { .object($0) }
        )
    }
}

extension MediaReference {
    fileprivate init(_ fields: inout JSONFields) {
        let url = fields.requiredString("url", 1...2000)
        if !url.hasPrefix("https://") {
            fields.violation(at: "url", "must be an https address that the provider can fetch")
        }
        self.init(
            url: url,
            kind: fields.requiredOneOf("kind", Kind.self),
            caption: fields.string("caption", 1...1024)
        )
    }
}
