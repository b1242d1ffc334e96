import Shared

/// What one version of a template says.
struct TemplateContent: Sendable, Equatable {
    enum Form: Sendable, Equatable {
        case texts(TemplateTexts)
        /// One that lives at Meta; what is declared of it says what a message must give.
        case whatsapp(WhatsAppTemplate)
    }

    let form: Form
    let variables: TemplateVariables
    /// The parts as they were written, in the order in which they are shown.
    let parts: JSONObject

    static let partNames = ["subject", "body", "html", "variables", "whatsapp"]

    /// Reads the parts of a template of `channel`; what is wrong is added to `fields`.
    init(_ fields: inout JSONFields, of channel: Channel) {
        let texts = Self.readTexts(&fields, of: channel)
        let variables = TemplateVariables(&fields)
        let whatsapp = fields.object("whatsapp", bytes: 64 * 1024)
        var parts: JSONObject = [:]
        for (name, text) in texts { parts[name] = .string(text) }
        parts["variables"] = variables.json
        parts["whatsapp"] = whatsapp.map { .object($0) }
        self.variables = variables
        self.parts = parts
        if channel == .whatsapp {
            if whatsapp == nil, !fields.isPresent("whatsapp") {
                fields.violation(at: "whatsapp", "is required: the template as Meta has it, with name and components")
            }
            let template = whatsapp == nil ? nil : fields.nested("whatsapp") { WhatsAppTemplate(&$0) }
            self.form = .whatsapp(template ?? WhatsAppTemplate())
        } else {
            if whatsapp != nil { fields.violation(at: "whatsapp", "does not exist on the channel \(channel.rawValue)") }
            self.form = .texts(Self.compile(texts, in: &fields, of: channel))
        }
        for name in variables.names where !self.names.contains(name) {
            fields.violation(at: "variables/\(name)", "stands nowhere in the template")
        }
    }

    /// Reads what is stored, which was valid when it was written.
    ///
    /// - Throws: `Problem.internal` for what is valid no more: no request is to blame.
    init(stored parts: JSONObject, of channel: Channel) throws(Problem) {
        var fields = JSONFields(.object(parts), at: "")
        self.init(&fields, of: channel)
        do {
            try fields.finish()
        } catch {
            throw .internal
        }
    }

    /// The variables in the texts, each once.
    var names: [String] {
        switch self.form {
        case .texts(let texts): texts.names
        case .whatsapp(let template): template.names
        }
    }

    private static func readTexts(_ fields: inout JSONFields, of channel: Channel) -> [(name: String, text: String)] {
        let lengths = [
            ("subject", TemplateTexts.subjectLength), ("body", TemplateTexts.bodyLength),
            ("html", TemplateTexts.htmlLength),
        ]
        let rule = TextRule(of: channel)
        var texts: [(name: String, text: String)] = []
        for (name, length) in lengths {
            guard let text = fields.string(name, 1...length) else { continue }
            guard rule.allowed.contains(name) else {
                fields.violation(at: name, "does not exist on the channel \(channel.rawValue)")
                continue
            }
            texts.append((name, text))
        }
        if rule.required.contains("subject"), !fields.isPresent("subject") {
            fields.violation(at: "subject", "is required for \(channel.rawValue)")
        }
        if rule.required.contains("body"), !fields.isPresent("body") {
            let isOther = rule.allowed.contains("html")
            if !isOther || !fields.isPresent("html") {
                fields.violation(at: "body", isOther ? "is required, or html" : "is required")
            }
        }
        return texts
    }

    private static func compile(
        _ texts: [(name: String, text: String)],
        in fields: inout JSONFields,
        of channel: Channel
    ) -> TemplateTexts {
        var compiled = TemplateTexts()
        for (name, text) in texts {
            do throws(TextTemplate.Fault) {
                let template = try TextTemplate(text)
                switch name {
                case "subject": compiled.subject = template
                case "body": compiled.body = template
                default: compiled.html = template
                }
            } catch {
                fields.violation(at: name, error.detail)
            }
            if name == "subject", text.hasLineEnds {
                fields.violation(at: name, "must not contain line breaks or control characters")
            }
        }
        // What the variables add can only make it longer.
        let bare = compiled.body?.rendered(with: [:], for: .text, atMost: TemplateTexts.bodyLength)
        if let bare, let excess = ContentRules.excess(of: bare, on: channel) { fields.violation(at: "body", excess) }
        return compiled
    }
}

/// Which texts a template of a channel has.
private struct TextRule {
    let allowed: Set<String>
    let required: Set<String>

    init(of channel: Channel) {
        switch channel {
        case .whatsapp: (self.allowed, self.required) = ([], [])
        case .sms, .webhook: (self.allowed, self.required) = (["body"], ["body"])
        case .email: (self.allowed, self.required) = (["subject", "body", "html"], ["subject", "body"])
        case .push, .inapp: (self.allowed, self.required) = (["subject", "body"], ["body"])
        case .sandbox: (self.allowed, self.required) = (["subject", "body", "html"], ["body"])
        }
    }
}
