import Shared

/// Reads what a WhatsApp message says, by its type.
///
/// - Source: Meta, "messages webhook reference" of the WhatsApp Business Platform, 2026-08.
enum WhatsAppContent {
    static func read(_ message: JSONValue) -> InboundContent {
        let type = message["type"]?.string ?? ""
        let object = message[type] ?? [:]
        let kind = Self.kind(type, object)
        return InboundContent(
            kind: kind,
            body: Self.words(kind, object)?.nonEmpty,
            attachments: Self.attachments(kind, object),
            details: Self.details(kind, of: message, type: type)
        )
    }

    /// The kinds have Meta's own names, `email` apart.
    private static func kind(_ type: String, _ object: JSONValue) -> InboundContent.Kind {
        switch InboundContent.Kind(rawValue: type) {
        case .audio where object["voice"]?.bool == true: .voice
        case .email, nil: .unsupported
        case let kind?: kind
        }
    }

    private static func words(_ kind: InboundContent.Kind, _ object: JSONValue) -> String? {
        switch kind {
        case .text, .system: object["body"]?.string
        case .image, .video, .audio, .voice, .document, .sticker: object["caption"]?.string
        case .location: Self.place(object)
        case .contacts:
            object.array?.compactMap { $0["name"]?["formatted_name"]?.string?.nonEmpty }.joined(separator: ", ")
        case .button, .order: object["text"]?.string
        case .interactive: Self.reply(object)
        // None when a reaction is taken back.
        case .reaction: object["emoji"]?.string
        case .unsupported, .email: nil
        }
    }

    /// The title of a button or a list's row; of a flow its summary.
    private static func reply(_ object: JSONValue) -> String? {
        let reply = object["type"]?.string.flatMap { object[$0] }
        return reply?["title"]?.string ?? reply?["body"]?.string
    }

    /// Name and address, or else the coordinates.
    private static func place(_ object: JSONValue) -> String? {
        let names = [object["name"], object["address"]].compactMap { $0?.string?.nonEmpty }
        if !names.isEmpty { return names.joined(separator: ", ") }
        let coordinates = [object["latitude"], object["longitude"]].compactMap { $0?.string ?? $0?.text }
        return coordinates.joined(separator: ", ")
    }

    private static func attachments(_ kind: InboundContent.Kind, _ object: JSONValue) -> [InboundAttachment] {
        guard Self.isMedia(kind), let id = object["id"]?.string?.nonEmpty else { return [] }
        return [
            InboundAttachment(
                source: .whatsappMedia(id: id),
                contentType: object["mime_type"]?.string?.nonEmpty,
                fileName: object["filename"]?.string?.nonEmpty
            )
        ]
    }

    private static func isMedia(_ kind: InboundContent.Kind) -> Bool {
        switch kind {
        case .image, .video, .audio, .voice, .document, .sticker: true
        case .text, .location, .contacts, .button, .interactive, .reaction, .order, .system, .email, .unsupported: false
        }
    }

    /// The members of the message that nothing else tells, by Meta's names: `location`, `referral`, `group_id`, `errors`.
    private static func details(_ kind: InboundContent.Kind, of message: JSONValue, type: String) -> JSONValue? {
        var told: Set = ["id", "from", "from_user_id", "from_parent_user_id", "timestamp"]
        if kind != .unsupported { told.insert("type") }
        if Self.isMedia(kind) || kind == .text || kind == .reaction { told.insert(type) }
        // Beside what is answered it may say that the message was forwarded, or is about a product.
        if message["context"]?.object?.names.allSatisfy({ $0 == "id" || $0 == "from" }) == true {
            told.insert("context")
        }
        let rest = (message.object?.members ?? []).filter { !told.contains($0.name) }
        return rest.isEmpty ? nil : .object(JSONObject(distinct: rest))
    }
}
