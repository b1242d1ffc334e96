import Shared

/// The JSON body that Meta takes for a message.
enum WhatsAppMessage {
    static func body(of message: OutboundMessage) throws(ContentFault) -> JSONValue {
        let (recipientName, recipient) = try Self.recipient(message.to)
        let (type, content) = try Self.content(message.content)
        return [
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            recipientName: .string(recipient),
            "type": .string(type),
            type: content,
            // At most 512 characters, and Meta's statuses carry it back.
            "biz_opaque_callback_data": .string(message.reference.description),
        ]
    }

    /// A phone number in Meta's form, digits only, goes into `to`; a business-scoped user id into `recipient`.
    private static func recipient(_ address: String) throws(ContentFault) -> (name: String, value: String) {
        if Self.isUserID(address) { return ("recipient", address) }
        let digits = address.utf8.filter(\.isASCIIDigit)
        let others = address.utf8.filter { !$0.isASCIIDigit }
        // E.164 ends at 15 digits; the shortest numbers in service have 7 with the country code.
        guard (7...15).contains(digits.count), others.allSatisfy({ " +-().".utf8.contains($0) }) else {
            throw ContentFault(
                code: "invalid-recipient",
                detail: "The recipient is neither a phone number nor a WhatsApp user id."
            )
        }
        return ("to", String(decoding: digits, as: UTF8.self))
    }

    /// `US.13491208655302741918`: a country code, a point, up to 128 letters and digits.
    private static func isUserID(_ address: String) -> Bool {
        let bytes = Array(address.utf8)
        guard (4...131).contains(bytes.count), bytes[2] == UInt8(ascii: ".") else { return false }
        return bytes.prefix(2).allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
            && bytes.dropFirst(3).allSatisfy { $0.isASCIIDigit || $0.isASCIILetter }
    }

    private static func content(_ content: MessageContent) throws(ContentFault) -> (type: String, value: JSONValue) {
        if let template = content.template { return ("template", Self.template(template)) }
        if let interactive = content.interactive { return ("interactive", interactive) }
        if let media = content.media { return (media.kind.rawValue, Self.media(media)) }
        guard let text = content.body, !text.isEmpty else {
            throw ContentFault(code: "content-missing", detail: "The message has nothing that WhatsApp can show.")
        }
        return ("text", ["body": .string(text), "preview_url": false])
    }

    private static func template(_ template: TemplateReference) -> JSONValue {
        var object: JSONObject = [
            "name": .string(template.name ?? template.code), "language": ["code": .string(template.language ?? "en")],
        ]
        object["components"] = template.components ?? Self.components(template.parameters ?? [:])
        return .object(object)
    }

    /// The body's parameters: in the order of their numbers if all names are numbers, otherwise by name.
    private static func components(_ parameters: [String: String]) -> JSONValue? {
        guard !parameters.isEmpty else { return nil }
        let numbered = parameters.compactMap { name, text in Int(name).map { (number: $0, text: text) } }
        let values: [JSONValue] =
            if numbered.count == parameters.count {
                numbered.sorted { $0.number < $1.number }.map { ["type": "text", "text": .string($0.text)] }
            } else {
                parameters.sorted { $0.key < $1.key }.map { name, text in
                    ["type": "text", "parameter_name": .string(name), "text": .string(text)]
                }
            }
        return [["type": "body", "parameters": .array(values)]]
    }

    private static func media(_ media: MediaReference) -> JSONValue {
        let takesCaption =
            switch media.kind {
            case .image, .video, .document: true
            case .audio, .sticker: false
            }
        guard takesCaption, let caption = media.caption else { return ["link": .string(media.url)] }
        return ["link": .string(media.url), "caption": .string(caption)]
    }
}
