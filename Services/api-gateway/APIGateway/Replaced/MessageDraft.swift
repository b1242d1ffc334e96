import Shared

/// A content without recipients, as the team messaging system's clients post it: `{subject, body, type}`.
///
/// It is kept as a template, so that its words are filled with each recipient's fields, and can be sent again.
struct MessageDraft: Sendable {
    /// The caller's names of our fields.
    static let names = ["/channel": "/type"]
    private static let language = "en"

    enum Kind: String, CaseIterable {
        case email, sms, push, inapp
    }

    private let kind: Kind
    private let subject: String
    private let body: String

    /// - Throws: `Problem` `invalid-request` with every violation.
    init(_ body: JSONValue) throws(Problem) {
        var fields = JSONFields(body, at: "")
        self.kind = fields.requiredOneOf("type", Kind.self)
        self.subject = fields.requiredString("subject", 1...500)
        self.body = fields.requiredString("body", 1...100_000)
        try fields.finish()
    }

    /// As `POST /templates` takes it; only an email has a subject, of others it is the title in the caller's own lists.
    func template(code: String) -> JSONValue {
        var template: JSONObject = [
            "code": .string(code), "channel": .string(self.kind.rawValue), "language": .string(Self.language),
        ]
        if self.kind == .email { template["subject"] = .string(self.subject) }
        template["body"] = .string(self.body)
        return .object(template)
    }

    /// The draft as its caller sees it.
    func shown(_ template: JSONValue) -> JSONValue {
        .object(members: [
            ("id", template["id"] ?? .null), ("subject", .string(self.subject)), ("body", .string(self.body)),
            ("type", .string(self.kind.rawValue)), ("created_at", template["created_at"] ?? .null),
        ])
    }
}

/// To whom a draft is sent: `{message_id, user_ids, guest_ids}`.
struct DraftRecipients: Sendable {
    private static let mostIDs = 0...1000

    struct Name: Sendable, Hashable {
        /// For example `/user_ids/3`.
        let pointer: String
        let text: String
    }

    let messageID: TemplateID
    let names: [Name]

    /// - Throws: `Problem` `invalid-request` with every violation.
    init(_ body: JSONValue) throws(Problem) {
        var fields = JSONFields(body, at: "")
        self.messageID = fields.requiredID("message_id", of: Template.self)
        var names: [Name] = []
        for list in ["user_ids", "guest_ids"] {
            for (index, value) in (fields.array(list, Self.mostIDs) ?? []).enumerated() {
                guard let text = value.string ?? value.int.map(String.init),
                    (1...320).contains(text.unicodeScalars.count)
                else {
                    fields.violation(
                        at: "\(list)/\(index)",
                        "must be an id: a text of 1 to 320 characters, or a number"
                    )
                    continue
                }
                names.append(Name(pointer: "/\(list)/\(index)", text: text))
            }
        }
        if names.isEmpty { fields.violation(at: "user_ids", "is required, or guest_ids") }
        try fields.finish()
        self.names = names
    }
}
