import Foundation
import Shared

/// An email as SendGrid's `mail/send` takes it.
enum SendGridMail {
    /// The body of the request; a header is a member of an object, and no text can become another one.
    static func body(of email: Email, reference: AttemptReference) -> JSONValue {
        var body: JSONObject = [
            "personalizations": [
                [
                    "to": [["email": .text(email.to)]],
                    // Comes back with every event of the mail.
                    "custom_args": ["attempt_id": .text(reference)],
                ]
            ],
            "from": Self.sender(email), "subject": .string(email.subject),
            // The plainest first.
            "content": .array(
                [("text/plain", email.text), ("text/html", email.html)].compactMap { type, text in
                    text.map { ["type": .string(type), "value": .string($0)] }
                }
            ),
        ]
        if let replyTo = email.replyTo { body["reply_to"] = ["email": .text(replyTo)] }
        if !email.attachments.isEmpty { body["attachments"] = .array(email.attachments.map(Self.attachment)) }
        if !email.unsubscribeHeaders.isEmpty {
            let headers = email.unsubscribeHeaders.map { ($0.name, JSONValue.string($0.value)) }
            body["headers"] = .object(members: headers)
            // Theirs would be a second link, of which we hear only later.
            body["tracking_settings"] = ["subscription_tracking": ["enable": false]]
        }
        return .object(body)
    }

    private static func sender(_ email: Email) -> JSONValue {
        var sender: JSONObject = ["email": .text(email.from)]
        if let name = email.fromName { sender["name"] = .string(name) }
        return .object(sender)
    }

    private static func attachment(_ file: AttachmentFile) -> JSONValue {
        [
            "content": .string(file.content.base64EncodedString()), "filename": .string(file.filename),
            "type": .string(file.contentType), "disposition": "attachment",
        ]
    }
}
