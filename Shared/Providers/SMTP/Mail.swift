import Foundation
import Shared

/// One email for a mail server: its envelope, its headers and its parts, before MIME.
struct Mail: Sendable {
    struct Part: Sendable, Equatable {
        enum Encoding: String, Sendable {
            /// Lines stay short and bytes ASCII, whatever the text.
            case quotedPrintable = "quoted-printable"
            case base64
        }

        let type: String
        let encoding: Encoding
        let content: Data
        /// Beside those of its type and encoding.
        var headers: [String] = []
    }

    let from: EmailAddress
    let to: EmailAddress
    /// The same on every attempt of a message, so that mailboxes and people can tell a repetition.
    let messageID: String
    /// Without line ends; a folded one has them inside.
    let headers: [String]
    /// The plainest first, as `multipart/alternative` wants it.
    let alternatives: [Part]
    let attachments: [Part]

    init(_ message: OutboundMessage, from account: SMTPAccount, at time: Timestamp) throws(ContentFault) {
        let email = try Email(message, from: account.sender)
        self.from = email.from
        self.to = email.to
        self.messageID = "<\(message.reference.messageID)@\(email.from.domain)>"
        self.alternatives = [
            email.text.map { Part("text/plain; charset=utf-8", $0) },
            email.html.map { Part("text/html; charset=utf-8", $0) },
        ].compactMap(\.self)
        self.attachments = email.attachments.map { Part($0) }
        let name = email.fromName.map { HeaderText.phrase($0) + "\r\n " } ?? ""
        var headers = [
            "Date: \(MailDate.text(time))", "From: \(name)<\(email.from)>", "To: <\(email.to)>",
            "Subject: \(HeaderText.unstructured(email.subject))", "Message-ID: \(self.messageID)",
        ]
        if let replyTo = email.replyTo { headers.append("Reply-To: <\(replyTo)>") }
        headers += email.unsubscribeHeaders.map { "\($0.name): \($0.value)" }
        self.headers =
            headers + [
                "X-Herald-Reference: \(message.reference)",
                // Of the whole: libcurl adds the boundary.
                "Content-Type: multipart/\(self.attachments.isEmpty ? "alternative" : "mixed")",
            ]
    }
}

extension Mail.Part {
    /// A text, with its lines ended by CRLF as mail has them, whatever they were ended by.
    fileprivate init(_ type: String, _ text: String) {
        let lines = text.replacing("\r\n", with: "\n").replacing("\r", with: "\n").replacing("\n", with: "\r\n")
        self.init(type: type, encoding: .quotedPrintable, content: Data(lines.utf8))
    }

    fileprivate init(_ file: AttachmentFile) {
        self.init(
            type: file.contentType,
            encoding: .base64,
            content: file.content,
            headers: ["Content-Disposition: \(HeaderText.attachment(named: file.filename))"]
        )
    }
}
