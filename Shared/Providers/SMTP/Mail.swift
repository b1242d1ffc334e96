import Shared

/// One email: its envelope, its headers and its parts, before MIME.
struct Mail: Sendable {
    struct Part: Sendable, Equatable {
        let type: String
        let text: String
    }

    let from: EmailAddress
    let to: EmailAddress
    /// The same on every attempt of a message, so that mailboxes and people can tell a repetition.
    let messageID: String
    /// Without line ends; a folded one has them inside.
    let headers: [String]
    /// The plainest first, as `multipart/alternative` wants it.
    let parts: [Part]

    init(_ message: OutboundMessage, from account: SMTPAccount, at time: Timestamp = .now) throws(ContentFault) {
        guard let to = EmailAddress(message.to) else {
            throw ContentFault(code: "invalid-recipient", detail: "The recipient is not an email address.")
        }
        let subject = message.content.subject ?? ""
        guard HeaderText.isSafe(subject) else {
            throw ContentFault(
                code: "invalid-subject",
                detail: "The subject contains a line break or a control character."
            )
        }
        let parts = [
            message.content.body.map { Part(type: "text/plain; charset=utf-8", text: Self.mailLines($0)) },
            message.content.html.map { Part(type: "text/html; charset=utf-8", text: Self.mailLines($0)) },
        ].compactMap(\.self)
        guard !parts.isEmpty else {
            throw ContentFault(code: "content-missing", detail: "The message has neither text nor HTML.")
        }
        self.from = account.from
        self.to = to
        self.messageID = "<\(message.reference.messageID)@\(account.from.domain)>"
        self.parts = parts
        let name = account.fromName.map { $0.isEmpty ? "" : HeaderText.phrase($0) + "\r\n " } ?? ""
        self.headers = [
            "Date: \(MailDate.text(time))",
            "From: \(name)<\(account.from)>",
            "To: <\(to)>",
            "Subject: \(HeaderText.unstructured(subject))",
            "Message-ID: \(self.messageID)",
            "X-Herald-Reference: \(message.reference)",
            // Of the whole: libcurl adds the boundary.
            "Content-Type: multipart/alternative",
        ]
    }

    /// Lines ended by CRLF, as mail has them, whatever they were ended by.
    private static func mailLines(_ text: String) -> String {
        text.replacing("\r\n", with: "\n").replacing("\r", with: "\n").replacing("\n", with: "\r\n")
    }
}
