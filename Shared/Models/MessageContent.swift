/// What a message says, as its sender gave it and as providers are handed it.
///
/// Which parts may stand together is decided where a message is created; absent parts are nil.
package struct MessageContent: Sendable, Equatable, Codable {
    package var body: String?
    package var subject: String?
    package var html: String?
    /// Of an email: the name before its sender's address, in the place of the account's.
    package var fromName: String?
    /// Of an email: where answers go, in the place of the account's.
    package var replyTo: String?
    /// Of an email: its files, without their bytes; nil for none.
    package var attachments: [Attachment]?
    package var template: TemplateReference?
    package var media: MediaReference?
    /// WhatsApp's interactive object, as Meta defines it.
    package var interactive: JSONValue?

    package init(
        body: String? = nil,
        subject: String? = nil,
        html: String? = nil,
        fromName: String? = nil,
        replyTo: String? = nil,
        attachments: [Attachment]? = nil,
        template: TemplateReference? = nil,
        media: MediaReference? = nil,
        interactive: JSONValue? = nil
    ) {
        self.body = body
        self.subject = subject
        self.html = html
        self.fromName = fromName
        self.replyTo = replyTo
        self.attachments = attachments
        self.template = template
        self.media = media
        self.interactive = interactive
    }

    private enum CodingKeys: String, CodingKey {
        case fromName = "from_name"
        case replyTo = "reply_to"
        case body, subject, html, attachments, template, media, interactive
    }

    /// The text of an email: its body, or else what its HTML says.
    package var plainText: String? { self.body ?? self.html.map(HTMLText.text) }

    /// The parts of an email that no template gives.
    package mutating func takeEnvelope(of other: MessageContent) {
        (self.fromName, self.replyTo, self.attachments) = (other.fromName, other.replyTo, other.attachments)
    }
}

/// A template by name, with what fills it.
package struct TemplateReference: Sendable, Equatable, Codable {
    package let code: String
    /// Nil when the sender named none: `en`, or what the template has.
    package let language: String?
    /// By name, or by position: `{"1": "John"}`.
    package let parameters: [String: String]?
    /// As Meta defines them, in the place of `parameters`, or made of them.
    package let components: JSONValue?
    /// What the provider calls the template, where that is not `code`.
    package let name: String?
    /// Which version of the stored template the message was made of; nil where only the provider knows it.
    package let version: Int?

    package init(
        code: String,
        language: String?,
        parameters: [String: String]?,
        components: JSONValue?,
        name: String? = nil,
        version: Int? = nil
    ) {
        self.code = code
        self.language = language
        self.parameters = parameters
        self.components = components
        self.name = name
        self.version = version
    }
}

/// A file that the provider fetches by itself.
package struct MediaReference: Sendable, Equatable, Codable {
    package enum Kind: String, Sendable, CaseIterable, Codable {
        case image, video, audio, document, sticker
    }

    package let url: String
    package let kind: Kind
    package let caption: String?

    package init(url: String, kind: Kind, caption: String?) {
        self.url = url
        self.kind = kind
        self.caption = caption
    }
}
