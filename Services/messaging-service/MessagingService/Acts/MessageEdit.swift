import Shared

/// An edit of a message: the message as it would be created anew, with the changed fields in the place of the old ones.
struct MessageEdit: Sendable {
    /// Where a template is rendered anew, still without what it says.
    var message: NewMessage
    /// The names of the fields that were given, for the audit trail.
    let names: JSONValue
    /// The message's own, unless another was given.
    let retryPolicy: RetryPolicy
    /// Whether the recipient was given.
    let changesRecipient: Bool
    /// Whether the time of sending was given.
    let changesTime: Bool
    /// Whether a template is to be filled: another one, or the same for somebody else.
    ///
    /// Otherwise what it once said stays.
    let fillsTemplate: Bool
    /// Whether files were given; `null` and none take those away that are there.
    let changesAttachments: Bool
    /// Whether something was given that decides what the recipient reads.
    let changesContent: Bool

    private static let editable = [
        "to", "body", "subject", "html", "from_name", "reply_to", "attachments", "template", "media", "interactive",
        "category",
        "scheduled_at", "expires_at", "retry", "on_uncertain", "reference", "metadata",
    ]
    /// Of these the recipient reads what comes of them.
    private static let content = [
        "body", "subject", "html", "from_name", "reply_to", "attachments", "template", "media", "interactive",
        "category",
    ]
    /// A text stands in the place of a template, and the other way round.
    private static let alternatives = ["body", "template", "interactive"]

    /// Reads the body of `PATCH /messages/{id}`.
    ///
    /// The message's `unsubscribeURL` is taken out of its texts: another recipient gets another.
    ///
    /// - Throws: `Problem` `invalid-request` with every violation.
    init(
        _ body: JSONValue,
        of current: MessageResource,
        now: Timestamp,
        region: PhoneRegion?,
        lead: Duration,
        unsubscribeURL: String?
    ) throws(Problem) {
        guard case .object(let changes) = body else {
            throw .invalidRequest([.init(pointer: "", detail: "must be an object, not \(body.kind)")])
        }
        let unknown = changes.members.filter { !Self.editable.contains($0.name) }
        guard unknown.isEmpty else {
            throw .invalidRequest(
                unknown.map {
                    .init(
                        pointer: "/\($0.name)",
                        detail: "can not be edited; \(Self.editable.joined(separator: ", ")) can"
                    )
                }
            )
        }
        guard !changes.members.isEmpty else {
            throw .invalidRequest([
                .init(pointer: "", detail: "must have at least one of \(Self.editable.joined(separator: ", "))")
            ])
        }
        var merged = Self.creation(of: current, now: now)
        if let unsubscribeURL {
            for name in ["body", "html"] {
                merged[name] = merged[name]?.string.map { .string(UnsubscribeLinks.clear(unsubscribeURL, from: $0)) }
            }
        }
        if let given = Self.alternatives.first(where: { changes[$0].map { !$0.isNull } ?? false }) {
            for name in Self.alternatives where name != given { merged[name] = JSONValue?.none }
        }
        let keepsTemplate = merged["template"] != nil && changes["template"] == nil
        if keepsTemplate || !(changes["template"]?.isNull ?? true) {
            for name in ["subject", "body", "html"] { merged[name] = JSONValue?.none }
        }
        for change in changes.members {
            merged[change.name] = change.value.isNull ? JSONValue?.none : change.value
        }
        let changesAttachments = changes["attachments"] != nil
        // Those that are there have no bytes here.
        if !changesAttachments { merged["attachments"] = JSONValue?.none }
        var fields = JSONFields(.object(merged), at: "")
        // A time that stays was judged when it was set.
        let lead = changes["scheduled_at"] == nil ? .zero : lead
        var message = NewMessage(&fields, now: now, region: region, lead: lead)
        try fields.finish()
        if !changesAttachments { message.content.attachments = current.storedContent?.attachments }
        self.changesRecipient = changes["to"].map { !$0.isNull } ?? false
        self.fillsTemplate = message.content.template != nil && (!keepsTemplate || self.changesRecipient)
        if keepsTemplate, !self.fillsTemplate, var stored = current.storedContent {
            stored.takeEnvelope(of: message.content)
            message.content = stored
        }
        self.message = message
        self.names = .array(changes.members.map { .string($0.name) })
        self.retryPolicy = self.message.retryPolicy ?? current.retryPolicy
        self.changesTime = changes["scheduled_at"] != nil
        self.changesAttachments = changesAttachments
        self.changesContent = Self.content.contains { changes[$0] != nil }
    }

    /// The request that would create the message as it is.
    private static func creation(of current: MessageResource, now: Timestamp) -> JSONObject {
        var fields: JSONObject = [
            "channel": .string(current.channel.rawValue), "to": .string(current.address),
            "account_id": .text(current.accountID), "category": .string(current.category.rawValue),
            "on_uncertain": .string(current.onUncertain.rawValue),
        ]
        for part in current.content.object?.members ?? [] { fields[part.name] = part.value }
        fields["template"] = current.content["template"].map { TemplateReference.given(in: $0) }
        fields["reference"] = current.reference.map { .string($0) }
        fields["metadata"] = current.metadata
        fields["expires_at"] = current.expiresAt.map { .text($0) }
        // A time that is over, or was passed over by sending now, has done its work.
        fields["scheduled_at"] = current.scheduledAt.flatMap { time in
            time > now && current.status == .scheduled ? .text(time) : nil
        }
        return fields
    }
}

extension MessageResource {
    /// Nil of what is no outbound message's content.
    fileprivate var storedContent: MessageContent? { try? MessageContent(stored: self.content.text) }
}
