import Shared

/// One email as every provider is handed it: checked once more, with a text beside its HTML.
///
/// Nothing in it can end a header's line, whatever was stored.
struct Email: Sendable {
    let from: EmailAddress
    let fromName: String?
    let replyTo: EmailAddress?
    let to: EmailAddress
    let subject: String
    /// Nil only where the HTML has no words.
    let text: String?
    let html: String?
    let attachments: [AttachmentFile]
    /// Where one click ends marketing.
    let unsubscribeURL: String?

    init(_ message: OutboundMessage, from sender: EmailSender) throws(ContentFault) {
        let content = message.content
        guard let to = EmailAddress(message.to) else {
            throw ContentFault(code: "invalid-recipient", detail: "The recipient is not an email address.")
        }
        self.from = sender.from
        self.to = to
        self.subject = try Self.line(content.subject ?? "", "subject")
        self.fromName =
            try content.fromName.map { name throws(ContentFault) in try Self.line(name, "from_name") }
            ?? sender.name
        self.replyTo =
            try content.replyTo.map { text throws(ContentFault) in
                guard let address = EmailAddress(text) else {
                    throw ContentFault(code: "invalid-reply-to", detail: "The `reply_to` is not an email address.")
                }
                return address
            } ?? sender.replyTo
        self.text = content.plainText.flatMap { $0.isEmpty ? nil : $0 }
        self.html = content.html.flatMap { $0.isEmpty ? nil : $0 }
        guard self.text != nil || self.html != nil else {
            throw ContentFault(code: "content-missing", detail: "The message has neither text nor HTML.")
        }
        for file in message.attachments {
            guard AttachmentRules.isName(file.filename), AttachmentRules.isType(file.contentType) else {
                throw ContentFault(code: "invalid-attachment", detail: "An attachment has no usable name or type.")
            }
        }
        self.attachments = message.attachments
        // Ours, and nobody else's text: what is no plain URL would be a fault of our own.
        self.unsubscribeURL = message.unsubscribeURL.flatMap { url in
            url.utf8.allSatisfy { (0x21...0x7E).contains($0) } && !url.contains(">") ? url : nil
        }
    }

    /// Headers by which a mail program offers to unsubscribe (RFC 8058); none where there is nothing to end.
    var unsubscribeHeaders: [(name: String, value: String)] {
        guard let unsubscribeURL else { return [] }
        return [
            ("List-Unsubscribe", "<\(unsubscribeURL)>"), ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ]
    }

    private static func line(_ text: String, _ field: String) throws(ContentFault) -> String {
        guard HeaderLine.isSafe(text) else {
            throw ContentFault(
                code: "invalid-\(field.replacing("_", with: "-"))",
                detail: "The `\(field)` contains a line break or a control character."
            )
        }
        return text
    }
}
