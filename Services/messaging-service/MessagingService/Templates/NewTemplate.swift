import Shared

/// What a tenant asks to be kept as a template, valid by itself.
struct NewTemplate: Sendable {
    let code: String
    let channel: Channel
    let language: String
    let content: TemplateContent

    /// Reads a template; what is wrong is added to `fields`.
    init(_ fields: inout JSONFields) {
        self.code = fields.requiredString("code", 1...512)
        if self.code.hasLineEnds { fields.violation(at: "code", "must not have control characters") }
        let channel = fields.oneOf("channel", Channel.self)
        if channel == nil, fields.value("channel") == nil { fields.violation(at: "channel", "is required") }
        self.language = fields.string("language", 2...15) ?? "en"
        if !self.language.utf8.allSatisfy(Self.isTagByte) {
            fields.violation(at: "language", "must be the tag of a language, like en or pt-BR")
        }
        // Of a channel that is none, the one that allows most: only the channel is complained about.
        self.channel = channel ?? .sandbox
        self.content = TemplateContent(&fields, of: self.channel)
    }

    /// Reads the body of `POST /templates`.
    ///
    /// - Throws: `Problem` `invalid-request` with every violation.
    init(_ body: JSONValue) throws(Problem) {
        var fields = JSONFields(body, at: "")
        self.init(&fields)
        try fields.finish()
    }

    private static func isTagByte(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte == 0x2D || byte == 0x5F
    }
}
