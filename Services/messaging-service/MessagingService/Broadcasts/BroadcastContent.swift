import Shared

/// What all messages of a broadcast say, but for the values that fill it for each recipient; it never changes.
///
/// A template's text is in it as it was when the broadcast was made. A message keeps the values alone, and what it says is made
/// of both whenever it is needed: always the same, since nothing else enters.
struct BroadcastContent: Sendable {
    enum Form: Sendable {
        /// The same for everybody, as each recipient gets it.
        case fixed(MessageContent)
        /// Texts with variables: a stored template's, or the broadcast's own, which then names no template.
        case filled(StoredTemplate, TemplateReference, isOwn: Bool, envelope: MessageContent)
        /// A template that only the provider knows.
        case provider(TemplateReference)
    }

    let form: Form
    let channel: Channel
    let category: Category
    /// Of SMS, as the account had it.
    let style: SMSText.Style

    /// What a recipient's own values make of it, before the customer is asked.
    enum Opened: Sendable {
        case ready(MessageContent)
        case open(TemplateFilling)

        /// The variables that the customer is asked for.
        var wanted: [String] {
            switch self {
            case .ready: []
            case .open(let filling): filling.wanted
            }
        }
    }

    /// - Throws: what is missing or unknown among `parameters`, each with its place below the recipient.
    func opened(with parameters: [String: String]) throws(ContentRules.Violations) -> Opened {
        switch self.form {
        case .fixed(let content):
            if let name = parameters.keys.min() {
                let detail = "fills nothing: the content of the broadcast has no variables"
                throw .init(all: [.init(field: "parameters/\(name.pointerPart)", detail: detail)])
            }
            return .ready(content)
        case .filled(let template, let reference, _, _):
            try Self.checkComponents(of: reference, beside: parameters)
            return .open(try TemplateFilling(template, reference.adding(parameters)))
        case .provider(let reference):
            try Self.checkComponents(of: reference, beside: parameters)
            return .ready(MessageContent(template: reference.adding(parameters)))
        }
    }

    private static func checkComponents(
        of reference: TemplateReference,
        beside parameters: [String: String]
    ) throws(ContentRules.Violations) {
        guard reference.components != nil, !parameters.isEmpty else { return }
        let detail = "can not stand beside the components of the broadcast's template"
        throw .init(all: [.init(field: "parameters", detail: detail)])
    }

    /// - Parameters:
    ///   - opened: by the recipient's own values.
    ///   - known: of the customer.
    /// - Throws: what is missing, or what the values make too long.
    /// - Returns: what the message says.
    func content(of opened: Opened, for known: [String: String]) throws(ContentRules.Violations) -> MessageContent {
        guard case .open(let filling) = opened else {
            guard case .ready(let content) = opened else { return MessageContent() }
            return content
        }
        var content = try filling.content(for: known)
        if case .filled(_, _, let isOwn, let envelope) = self.form {
            content.takeEnvelope(of: envelope)
            if isOwn {
                content.template = nil
                let violations = ContentRules.violations(of: content, for: self.channel)
                guard violations.isEmpty else { throw .init(all: violations) }
            }
        }
        do {
            return try RenderContent.render(content, self.category, on: self.channel, style: self.style)
        } catch {
            throw .init(all: [.init(field: "parameters", detail: error.violations.first?.detail ?? "make it too long")])
        }
    }

    /// What a message says that was made with these values.
    func content(with parameters: [String: String]) throws(ContentRules.Violations) -> MessageContent {
        try self.content(of: try self.opened(with: parameters), for: [:])
    }

    /// The parts that its maker gave, as the public API shows them.
    var shown: [(String, JSONValue)] {
        switch self.form {
        case .fixed(let content): Self.members(of: content)
        case .filled(let template, _, isOwn: true, let envelope):
            template.content.parts.members.filter { $0.name != "variables" }.map { ($0.name, $0.value) }
                + Self.members(of: envelope)
        case .filled(_, let reference, isOwn: false, let envelope):
            [("template", reference.json)] + Self.members(of: envelope)
        case .provider(let reference): [("template", reference.json)]
        }
    }

    private static func members(of content: MessageContent) -> [(String, JSONValue)] {
        content.json.object?.members.map { ($0.name, $0.value) } ?? []
    }

    /// Whether its messages are templates at the provider.
    var namesTemplate: Bool {
        switch self.form {
        case .fixed(let content): content.template != nil
        case .filled(let template, _, _, _): template.channel == .whatsapp
        case .provider: true
        }
    }
}

extension TemplateReference {
    /// The same with more parameters, which go before its own.
    fileprivate func adding(_ parameters: [String: String]) -> TemplateReference {
        guard !parameters.isEmpty else { return self }
        return TemplateReference(
            code: self.code,
            language: self.language,
            parameters: (self.parameters ?? [:]).merging(parameters) { $1 },
            components: self.components,
            name: self.name,
            version: self.version
        )
    }
}
