/// A message that a customer sent, in the terms that all providers have in common.
package struct InboundMessage: Sendable, Equatable, Codable {
    /// The same for every repetition of the message, unique within its account.
    package let eventKey: String
    package let providerMessageID: String
    /// Who sent it, by every address the provider told, the best first; at least one.
    package let senders: [Address]
    /// The account's own number or address, where the provider tells it.
    package let recipient: String?
    /// What the sender calls themself.
    package let profileName: String?
    package let content: InboundContent
    /// The provider's id of the message that this one answers or reacts to.
    package let inReplyTo: String?
    /// The keyword that the provider has recognised, and answered, by itself.
    package let answeredKeyword: Keyword?
    /// By the provider's clock; nil when it did not say.
    package let occurredAt: Timestamp?

    package init(
        eventKey: String,
        providerMessageID: String,
        senders: [Address],
        recipient: String? = nil,
        profileName: String? = nil,
        content: InboundContent,
        inReplyTo: String? = nil,
        answeredKeyword: Keyword? = nil,
        occurredAt: Timestamp? = nil
    ) {
        self.eventKey = eventKey
        self.providerMessageID = providerMessageID
        self.senders = senders
        self.recipient = recipient
        self.profileName = profileName
        self.content = content
        self.inReplyTo = inReplyTo
        self.answeredKeyword = answeredKeyword
        self.occurredAt = occurredAt
    }
}

/// What an inbound message says; absent parts are nil.
package struct InboundContent: Sendable, Equatable, Codable {
    /// The raw values are those of the public API.
    package enum Kind: String, Sendable, CaseIterable, Codable {
        case text, image, video, audio, voice, document, sticker, location, contacts, button, interactive, reaction
        case order, system, email, unsupported
    }

    package var kind: Kind
    /// The words a person reads: the text, a caption, the title of a reply, the emoji of a reaction.
    package var body: String?
    package var subject: String?
    package var html: String?
    package var attachments: [InboundAttachment]
    /// The provider's own object where the words alone do not say it: a location, contacts, an order, a reply's id.
    package var details: JSONValue?

    package init(
        kind: Kind,
        body: String? = nil,
        subject: String? = nil,
        html: String? = nil,
        attachments: [InboundAttachment] = [],
        details: JSONValue? = nil
    ) {
        self.kind = kind
        self.body = body
        self.subject = subject
        self.html = html
        self.attachments = attachments
        self.details = details
    }
}

/// A file that came with an inbound message; its bytes stay where they are until somebody asks for them.
package struct InboundAttachment: Sendable, Equatable, Codable {
    package enum Source: Sendable, Equatable, Codable {
        /// Meta's id of the file.
        case whatsappMedia(id: String)
        /// Where Twilio keeps it.
        case url(String)
        /// The part of the stored request with this name, as in `multipart/form-data`.
        case part(name: String)
    }

    package let source: Source
    /// As the provider told; nil when it did not.
    package let contentType: String?
    package let fileName: String?

    package init(source: Source, contentType: String?, fileName: String?) {
        self.source = source
        self.contentType = contentType
        self.fileName = fileName
    }
}
