import Shared

/// The variables that a template declares: what a message gives by its parameters, and what counts where it gives none.
struct TemplateVariables: Sendable, Equatable {
    /// In the order in which they were declared; a variable without a default must be given.
    let defaults: [(name: String, value: String?)]

    init(_ defaults: [(name: String, value: String?)] = []) {
        self.defaults = defaults
    }

    static func == (left: Self, right: Self) -> Bool { left.json == right.json }

    var names: [String] { self.defaults.map(\.name) }

    func isDeclared(_ name: String) -> Bool { self.defaults.contains { $0.name == name } }

    func value(of name: String) -> String? { self.defaults.first { $0.name == name }?.value }

    /// Reads the member `variables` of a template: `{"order": {"default": "none"}}`.
    init(_ fields: inout JSONFields) {
        var defaults: [(name: String, value: String?)] = []
        let given = fields.object("variables", bytes: 64 * 1024)?.members ?? []
        if given.count > TextTemplate.mostNames {
            fields.violation(at: "variables", "must have at most \(TextTemplate.mostNames) variables")
        }
        for member in given.prefix(TextTemplate.mostNames) {
            let name = VariableName.canonical(member.name)
            guard VariableName.isValid(name) else {
                fields.violation(at: "variables", "must have names of variables: \(VariableName.rule)")
                continue
            }
            if defaults.contains(where: { $0.name == name }) {
                fields.violation(at: "variables/\(name)", "is declared twice")
            }
            defaults.append((name, Self.value(of: member.value, at: "variables/\(name)", &fields)))
        }
        self.init(defaults)
    }

    private static func value(of declared: JSONValue, at path: String, _ fields: inout JSONFields) -> String? {
        guard case .object(let object) = declared else {
            fields.violation(at: path, "must be an object, like {\"default\": \"friend\"}")
            return nil
        }
        for name in object.names where name != "default" {
            fields.violation(at: "\(path)/\(name)", "is not a field of a variable")
        }
        switch object["default"] {
        case nil, .null?: return nil
        case .string(let text)?: return text
        case .number(let number)?: return number.text
        case .bool?, .array?, .object?:
            fields.violation(at: "\(path)/default", "must be a string, a number or null")
            return nil
        }
    }

    var json: JSONValue {
        .object(members: self.defaults.map { ($0.name, .object(members: [("default", .text($0.value))])) })
    }
}

/// A customer's own words in templates, which no declaration takes away.
enum CustomerWord {
    static let all: Set = ["name", "first_name", "language", "timezone"]
}
