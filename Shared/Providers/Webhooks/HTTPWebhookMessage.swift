import Shared

/// Reads the `data` of a `message.received`.
enum HTTPWebhookMessage {
    /// Characters of a message's body.
    static let longestBody = 100_000
    static let mostAttachments = 20

    static func read(_ data: inout JSONFields, key: String) throws(WebhookFormatFailure) -> InboundMessage {
        let id = data.string("id", 1...400)
        let sender = Self.sender(data.requiredString("from", 1...320), &data)
        let name = data.string("name", 0...200)?.nonEmpty
        let body = data.string("body", 0...Self.longestBody)?.nonEmpty
        let subject = data.string("subject", 0...1000)?.nonEmpty
        let occurredAt = data.timestamp("occurred_at")
        let attachments = Self.attachments(&data)
        if data.violations.isEmpty, body == nil, subject == nil, attachments.isEmpty {
            data.violation(at: "body", "is required where there is no subject and no attachment")
        }
        try data.refuseViolations()
        return InboundMessage(
            eventKey: key,
            providerMessageID: id.map(EventKey.bounded) ?? key,
            senders: [sender],
            profileName: name,
            content: InboundContent(
                kind: body == nil ? attachments.first.map { .init(mediaType: $0.contentType) } ?? .text : .text,
                body: body,
                subject: subject,
                attachments: attachments
            ),
            occurredAt: occurredAt
        )
    }

    /// A phone number or an email address, as written; anything else is the sender's own id of the customer.
    private static func sender(_ text: String, _ data: inout JSONFields) -> Address {
        if let phone = try? Address(text, for: .sms) { return phone }
        if let email = try? Address(text, for: .email) { return email }
        do {
            return try Address(text, for: .webhook)
        } catch {
            if data.violations.isEmpty { data.violation(at: "from", error.reason) }
            return Address(kind: .external, value: text)
        }
    }

    private static func attachments(_ data: inout JSONFields) -> [InboundAttachment] {
        let elements = data.array("attachments", 0...Self.mostAttachments) ?? []
        return elements.enumerated().compactMap { index, element in
            guard let url = element["url"]?.string, url.utf8.count <= 2048,
                url.hasPrefix("https://") || url.hasPrefix("http://")
            else {
                data.violation(
                    at: "attachments/\(index)/url",
                    "must be an http or https URL of at most 2048 characters"
                )
                return nil
            }
            return InboundAttachment(
                source: .url(url),
                contentType: element["content_type"]?.string?.nonEmpty,
                fileName: element["file_name"]?.string?.nonEmpty
            )
        }
    }
}
