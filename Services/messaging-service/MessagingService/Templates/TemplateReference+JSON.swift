import Shared

extension TemplateReference {
    /// Reads the member `template` of a message; what is wrong is added to `fields`.
    init(_ fields: inout JSONFields) {
        let parameters = fields.parameters()
        let components = fields.array("components", 0...20)
        if parameters != nil, components != nil {
            fields.violation(at: "components", "can not stand beside parameters")
        }
        self.init(
            code: fields.requiredString("code", 1...512),
            language: fields.string("language", 2...15),
            parameters: parameters,
            components: components.map { .array($0) }
        )
    }

    /// As it is stored, and shown.
    var json: JSONValue {
        var members: [(String, JSONValue)] = [
            ("code", .string(self.code)), ("language", .string(self.language ?? "en")),
        ]
        if let version { members.append(("version", .number(JSONNumber(version)))) }
        if let name { members.append(("name", .string(name))) }
        if let parameters {
            let sorted = parameters.sorted { $0.key < $1.key }
            members.append(("parameters", .object(members: sorted.map { ($0.key, .string($0.value)) })))
        }
        if let components { members.append(("components", components)) }
        return .object(members: members)
    }

    /// What a sender would give to have the same again, of a reference as it is stored.
    static func given(in stored: JSONValue) -> JSONValue {
        guard case .object(var object) = stored else { return stored }
        for name in ["version", "name"] { object[name] = JSONValue?.none }
        // They were made of the parameters.
        if object["parameters"] != nil { object["components"] = JSONValue?.none }
        return .object(object)
    }
}

extension JSONFields {
    /// What fills a template, by name; nil where it is not given.
    mutating func parameters() -> [String: String]? {
        guard let parameters = self.object("parameters") else { return nil }
        var texts: [String: String] = [:]
        for member in parameters.members {
            switch member.value {
            case .string(let text): texts[member.name] = text
            case .number(let number): texts[member.name] = number.text
            case .null, .bool, .array, .object:
                self.violation(at: "parameters/\(member.name.pointerPart)", "must be a string or a number")
            }
        }
        return texts
    }
}

extension String {
    /// A name of the caller's choice as a part of a JSON Pointer (RFC 6901), cut at 100 characters.
    var pointerPart: String {
        String(self.prefix(100)).replacing("~", with: "~0").replacing("/", with: "~1")
    }
}
