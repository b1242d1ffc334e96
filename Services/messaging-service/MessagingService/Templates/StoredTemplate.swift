import Shared

/// A template in one version, as messages are made of it.
struct StoredTemplate: Sendable {
    /// Nil of one that is only tried out.
    let version: Int?
    let code: String
    let channel: Channel
    let language: String
    let content: TemplateContent
}

/// A template and what a message gives to it, before the customer is asked.
struct TemplateFilling: Sendable {
    let template: StoredTemplate
    let reference: TemplateReference
    private let values: [String: String]
    /// The variables that nobody but the customer gives, a default apart.
    let wanted: [String]

    /// Decides where each value comes from.
    ///
    /// From the message's parameters; else, of a customer's own word and of what is not declared, from the customer; else from
    /// the default. What is declared without a default is for the message to give.
    ///
    /// - Throws: what is missing or unknown, with its place below the reference.
    init(_ template: StoredTemplate, _ reference: TemplateReference) throws(ContentRules.Violations) {
        self.template = template
        self.reference = reference
        guard reference.components == nil else {
            (self.values, self.wanted) = ([:], [])
            try Self.check(reference, of: template)
            return
        }
        var violations: [ContentRules.Violation] = []
        let names = template.content.names
        let known = Set(names + template.content.optionalNames)
        var values: [String: String] = [:]
        // The spelling of ours goes before the other one.
        for (name, value) in (reference.parameters ?? [:]).sorted(by: { $0.key > $1.key }) {
            let canonical = VariableName.canonical(name)
            if known.contains(canonical) {
                if values[canonical] == nil || name == canonical { values[canonical] = value }
            } else {
                let field = "parameters/\(name.pointerPart)"
                violations.append(.init(field: field, detail: "is no variable of the template"))
            }
        }
        var wanted: [String] = []
        for name in names where values[name] == nil {
            if template.content.isCustomers(name) {
                wanted.append(name)
            } else if let value = template.content.variables.value(of: name) {
                values[name] = value
            } else {
                violations.append(.init(field: "parameters/\(name)", detail: "is required by the template"))
            }
        }
        guard violations.isEmpty else { throw .init(all: violations) }
        (self.values, self.wanted) = (values, wanted)
    }

    /// What the message says to a customer of whom `known` is known.
    ///
    /// - Throws: what is missing, or what the values make too long, with its place below the reference.
    func content(for known: [String: String]) throws(ContentRules.Violations) -> MessageContent {
        var values = self.values
        var missing: [ContentRules.Violation] = []
        for name in self.wanted {
            if let value = known[name] ?? self.template.content.variables.value(of: name) {
                values[name] = value
            } else {
                let detail = "is required by the template: it is neither given nor known of the customer"
                missing.append(.init(field: "parameters/\(name)", detail: detail))
            }
        }
        guard missing.isEmpty else { throw .init(all: missing) }
        switch self.template.content.form {
        case .texts(let texts):
            var content = try Self.rendered(texts, with: values, for: self.template.channel)
            content.template = self.filled(name: nil, components: nil)
            return content
        case .whatsapp(let template):
            if let given = self.reference.components {
                return MessageContent(template: self.filled(name: template.name, components: given))
            }
            let made = try template.components(with: values).get()
            return MessageContent(template: self.filled(name: template.name, components: .array(made)))
        }
    }

    private static func rendered(
        _ texts: TemplateTexts,
        with values: [String: String],
        for channel: Channel
    ) throws(ContentRules.Violations) -> MessageContent {
        do throws(ContentRules.Violations) {
            return try texts.content(with: values, for: channel).get()
        } catch {
            throw .init(
                all: error.all.map { .init(field: "parameters", detail: "make a text whose \($0.field) \($0.detail)") }
            )
        }
    }

    private static func check(
        _ reference: TemplateReference,
        of template: StoredTemplate
    ) throws(ContentRules.Violations) {
        guard let components = reference.components else { return }
        guard case .whatsapp(let declared) = template.content.form else {
            let detail = "are Meta's: a template of the channel \(template.channel.rawValue) has parameters"
            throw .init(all: [.init(field: "components", detail: detail)])
        }
        let violations = declared.violations(of: components)
        guard violations.isEmpty else { throw .init(all: violations) }
    }

    /// The reference as it is stored with the message, and shown.
    private func filled(name: String?, components: JSONValue?) -> TemplateReference {
        TemplateReference(
            code: self.template.code,
            language: self.template.language,
            parameters: self.reference.components == nil ? self.reference.parameters ?? [:] : nil,
            components: components?.array?.isEmpty == true ? nil : components,
            name: name,
            version: self.template.version
        )
    }
}

extension TemplateContent {
    /// What a message may give beside `names`.
    var optionalNames: [String] {
        switch self.form {
        case .texts: []
        case .whatsapp(let template): template.optionalNames
        }
    }

    /// Whether a variable is one that customers have.
    func isCustomers(_ name: String) -> Bool {
        if CustomerWord.all.contains(name) { return true }
        guard !self.variables.isDeclared(name), !WhatsAppTemplate.isNumber(name) else { return false }
        switch self.form {
        case .texts: return true
        case .whatsapp: return name != WhatsAppTemplate.headerName && !name.hasPrefix("button.")
        }
    }
}

extension ContentRules.Violations {
    /// The problem of a body in which the reference stands at `pointer`.
    func problem(at pointer: String) -> Problem {
        .invalidRequest(
            self.all.map { .init(pointer: $0.field.isEmpty ? pointer : "\(pointer)/\($0.field)", detail: $0.detail) }
        )
    }
}
