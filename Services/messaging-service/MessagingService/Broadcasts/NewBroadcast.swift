import InternalAPI
import Shared

/// What a tenant asks to be sent to many, valid by itself, but for its recipients, which `NewRecipients` reads.
struct NewBroadcast: Sendable {
    let name: String
    let channel: Channel
    let accountID: AccountID?
    let content: MessageContent
    let category: Shared.Category
    let audience: CustomerAPI.Audience?
    let scheduledAt: Timestamp?
    let expiresAt: Timestamp?
    let retryPolicy: RetryPolicy?
    let onUncertain: UncertainPolicy
    let reference: String?
    let metadata: JSONValue?
    /// Nil where the organization's setting counts, if it has one.
    let pace: BroadcastPace?
    /// The files that `content` lists.
    let attachments: [AttachmentFile]

    /// Groups that one broadcast names.
    static let mostGroups = 50
    /// Fields that its filter compares.
    static let mostFields = 5

    /// Reads the body of `POST /broadcasts` without `recipients`; what is wrong is added to `fields`.
    init(_ fields: inout JSONFields, hasRecipients: Bool, now: Timestamp, lead: Duration) {
        self.name = fields.requiredString("name", 1...200)
        fields.refuseLineBreaks(in: self.name, at: "name")
        let channel = fields.requiredOneOf("channel", Channel.self)
        self.channel = channel
        self.accountID = fields.id("account_id", of: ChannelAccount.self)
        var content = MessageContent(&fields)
        self.attachments = fields.attachments("attachments") ?? []
        content.attachments = self.attachments.isEmpty ? nil : self.attachments.map(\.listing)
        self.content = content
        // The careful choice: what is no marketing says so.
        self.category = fields.oneOf("category", Category.self) ?? .marketing
        if self.category == .otp {
            fields.violation(at: "category", "must be marketing or transactional: a one-time code has one recipient")
        }
        self.audience = Self.audience(&fields)
        if !hasRecipients, self.audience == nil, !fields.isPresent("group_ids"), !fields.isPresent("filter") {
            fields.violation(at: "recipients", "is required, or group_ids, or filter")
        }
        self.scheduledAt = fields.timestamp("scheduled_at")
        self.expiresAt = fields.timestamp("expires_at")
        self.retryPolicy = fields.nested("retry") { RetryPolicy(&$0) }
        self.onUncertain = fields.oneOf("on_uncertain", UncertainPolicy.self) ?? .hold
        self.reference = fields.string("reference", 1...200)
        fields.refuseLineBreaks(in: self.reference, at: "reference")
        self.metadata = fields.object("metadata", bytes: Limits.metadataBytes).map { .object($0) }
        self.pace = BroadcastPace(&fields)
        ContentRules.check(self.content, for: channel, in: &fields)
        if let expiresAt, expiresAt <= max(now, self.scheduledAt ?? now) {
            fields.violation(at: "expires_at", "must be later than now, and than scheduled_at")
        }
        if let scheduledAt { fields.check(scheduledAt: scheduledAt, now: now, lead: lead) }
    }

    private static func audience(_ fields: inout JSONFields) -> CustomerAPI.Audience? {
        let texts = fields.strings("group_ids", 1...self.mostGroups, 1...100)
        let groups = (texts ?? []).enumerated().compactMap { index, text -> ID<CustomerAPI.Audience.Group>? in
            let id = ID<CustomerAPI.Audience.Group>(text)
            if id == nil { fields.violation(at: "group_ids/\(index)", "must be the id of a group") }
            return id
        }
        let filter = fields.nested("filter") { CustomerAPI.AudienceFilter(&$0) }
        guard texts != nil || filter != nil else { return nil }
        return CustomerAPI.Audience(groups: Array(Set(groups)).sorted(), filter: filter)
    }
}

extension CustomerAPI.AudienceFilter {
    fileprivate init(_ fields: inout JSONFields) {
        let before = fields.violations.count
        var wanted: [String: String] = [:]
        for member in fields.object("fields", bytes: 4096)?.members ?? [] {
            switch member.value {
            case .string(let text): wanted[member.name] = text
            case .number(let number): wanted[member.name] = number.text
            case .bool(let isTrue): wanted[member.name] = isTrue ? "true" : "false"
            case .null, .array, .object:
                fields.violation(at: "fields/\(member.name.pointerPart)", "must be a string, a number or a boolean")
            }
        }
        if wanted.count > NewBroadcast.mostFields {
            fields.violation(at: "fields", "must have at most \(NewBroadcast.mostFields) fields")
        }
        self.init(fields: wanted, group: fields.string("group", 1...200), isGuest: fields.bool("guest"))
        if self.fields.isEmpty, self.group == nil, self.isGuest == nil, fields.violations.count == before {
            fields.violation(at: "", "must have at least one of fields, group and guest")
        }
    }
}
