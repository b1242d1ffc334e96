import Shared

/// The column `broadcasts.content`.
extension BroadcastContent {
    var json: JSONValue {
        switch self.form {
        case .fixed(let content): ["form": "fixed", "content": content.json]
        case .provider(let reference): ["form": "provider", "reference": reference.json]
        case .filled(let template, let reference, let isOwn, let envelope):
            .object(members: [
                ("form", .string(isOwn ? "own" : "template")), ("code", .string(template.code)),
                ("language", .string(template.language)), ("channel", .string(template.channel.rawValue)),
                ("version", template.version.map { .number(JSONNumber($0)) } ?? .null),
                ("parts", .object(template.content.parts)), ("reference", reference.json),
                ("footer", .text(self.style.footer)), ("transliterates", .bool(self.style.transliterates)),
                ("envelope", envelope.json),
            ])
        }
    }

    /// Reads what `json` wrote.
    ///
    /// - Throws: `Problem.internal` for what can not be read: no request is to blame.
    init(stored text: String, channel: Channel, category: Category) throws {
        var fields = JSONFields(try JSONValue(parsing: Array(text.utf8)), at: "")
        let form = fields.requiredString("form", 1...20)
        var style = SMSText.Style()
        switch form {
        case "fixed":
            self.form = .fixed(try MessageContent(stored: JSONValue.object(fields.requiredObject("content")).text))
        case "provider":
            self.form = .provider(fields.requiredNested("reference") { TemplateReference(&$0) })
        default:
            let channel = fields.requiredOneOf("channel", Channel.self)
            style = SMSText.Style(
                footer: fields.string("footer", 0...2000),
                transliterates: fields.bool("transliterates") ?? false
            )
            let template = StoredTemplate(
                version: fields.int("version", 1...Int(Int32.max)),
                code: fields.requiredString("code", 1...512),
                channel: channel,
                language: fields.requiredString("language", 2...15),
                content: try TemplateContent(stored: fields.requiredObject("parts"), of: channel)
            )
            let reference = fields.requiredNested("reference") { TemplateReference(&$0) }
            let envelope = try fields.object("envelope").map { envelope in
                try MessageContent(stored: JSONValue.object(envelope).text)
            }
            self.form = .filled(template, reference, isOwn: form == "own", envelope: envelope ?? MessageContent())
        }
        (self.channel, self.category, self.style) = (channel, category, style)
        guard fields.violations.isEmpty else { throw Problem.internal }
    }
}

extension [String: String] {
    /// Reads the column `parameters`.
    init(storedParameters text: String?) throws {
        self = [:]
        guard let text else { return }
        for member in try JSONValue(parsing: Array(text.utf8)).object?.members ?? [] {
            self[member.name] = member.value.string
        }
    }

    /// As `parameters` are stored; nil for none.
    var storedParameters: String? {
        guard !self.isEmpty else { return nil }
        let sorted = self.sorted { $0.key < $1.key }
        return JSONValue.object(members: sorted.map { ($0.key, .string($0.value)) }).text
    }
}
