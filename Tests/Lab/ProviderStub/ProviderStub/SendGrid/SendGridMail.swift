import Foundation

/// The part of a mail/send request that SendGrid checks at once.
struct SendGridMail: Decodable {
    struct Address: Decodable {
        let email: String?
    }

    struct Personalization: Decodable {
        let to: [Address]?
        let subject: String?
        let customArgs: [String: String]?

        private enum CodingKeys: String, CodingKey {
            case customArgs = "custom_args"
            case to, subject
        }
    }

    struct Content: Decodable {
        let type: String?
        let value: String?
    }

    struct Attachment: Decodable {
        let content: String?
        let filename: String?
        let type: String?
    }

    let personalizations: [Personalization]?
    let from: Address?
    let replyTo: Address?
    let subject: String?
    let content: [Content]?
    let templateID: String?
    let customArgs: [String: String]?
    let attachments: [Attachment]?
    let headers: [String: String]?

    private enum CodingKeys: String, CodingKey {
        case templateID = "template_id"
        case customArgs = "custom_args"
        case replyTo = "reply_to"
        case personalizations, from, subject, content, attachments, headers
    }

    /// The arguments echoed in events; a personalization's win.
    var allCustomArgs: [String: String] {
        (self.personalizations ?? []).reduce(into: self.customArgs ?? [:]) { all, personalization in
            all.merge(personalization.customArgs ?? [:]) { _, new in new }
        }
    }

    /// Checks as SendGrid does.
    ///
    /// - Returns: the recipients, at least one.
    func checked() throws(SendGridFailure) -> [String] {
        guard let personalizations = self.personalizations, !personalizations.isEmpty else {
            throw .field("personalizations", "The personalizations field is required and must have at least one item.")
        }
        var recipients: [String] = []
        for (index, personalization) in personalizations.enumerated() {
            let addresses = (personalization.to ?? []).compactMap(\.email)
            guard !addresses.isEmpty, addresses.allSatisfy({ $0.contains("@") }) else {
                throw .field("personalizations.\(index).to", "Does not contain a valid address.")
            }
            guard self.templateID != nil || !(personalization.subject ?? self.subject ?? "").isEmpty else {
                throw .field("subject", "The subject is required. You can get around this requirement with a template.")
            }
            recipients += addresses
        }
        guard self.from?.email?.contains("@") == true else {
            throw .field("from.email", "The from email does not contain a valid address.")
        }
        guard self.templateID != nil || self.content?.isEmpty == false else {
            throw .field("content", "Unless a valid template_id is provided, the content parameter is required.")
        }
        for content in self.content ?? [] where content.type?.isEmpty != false || content.value?.isEmpty != false {
            throw .field("content", "Each content needs a type and a value of at least one character.")
        }
        if let replyTo, replyTo.email?.contains("@") != true {
            throw .field("reply_to.email", "The reply_to email does not contain a valid address.")
        }
        try self.checkOrder()
        try self.checkAttachments()
        try self.checkHeaders()
        return recipients
    }

    private func checkOrder() throws(SendGridFailure) {
        let types = (self.content ?? []).compactMap(\.type)
        if let place = types.firstIndex(of: "text/plain"), place > 0 {
            throw .field("content", "If present, text/plain and text/html may only be provided once, in this order.")
        }
    }

    private func checkAttachments() throws(SendGridFailure) {
        for (index, attachment) in (self.attachments ?? []).enumerated() {
            guard let content = attachment.content, !content.isEmpty, Data(base64Encoded: content) != nil else {
                throw .field("attachments.\(index).content", "The attachment content must be base64 encoded.")
            }
            guard let name = attachment.filename, !name.isEmpty else {
                throw .field("attachments.\(index).filename", "The attachment filename is required.")
            }
            guard attachment.type?.contains(where: { $0 == ";" || $0.isNewline }) != true else {
                throw .field("attachments.\(index).type", "The attachment type cannot contain ';' or CRLF characters.")
            }
        }
    }

    private func checkHeaders() throws(SendGridFailure) {
        let reserved: Set = [
            "x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "content-transfer-encoding", "to",
            "from", "subject", "reply-to", "cc", "bcc",
        ]
        for (name, value) in self.headers ?? [:] {
            guard !reserved.contains(name.lowercased()) else {
                throw .field("headers", "The header \(name) is reserved and cannot be used.")
            }
            guard !value.contains(where: \.isNewline) else {
                throw .field("headers.\(name)", "A header cannot contain CRLF characters.")
            }
        }
    }
}
