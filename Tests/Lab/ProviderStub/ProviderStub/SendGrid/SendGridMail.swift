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

    let personalizations: [Personalization]?
    let from: Address?
    let subject: String?
    let content: [Content]?
    let templateID: String?
    let customArgs: [String: String]?

    private enum CodingKeys: String, CodingKey {
        case templateID = "template_id"
        case customArgs = "custom_args"
        case personalizations, from, subject, content
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
        return recipients
    }
}
