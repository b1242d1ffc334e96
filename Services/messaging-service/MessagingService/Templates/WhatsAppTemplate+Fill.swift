import Shared

extension WhatsAppTemplate {
    /// What Meta takes as the value of a variable.
    private static let valueRule = "must not have line breaks, tabs, or more than four spaces in a row, nor be empty"

    /// The components of a message, as Meta takes them, of values for all `names`; or what is wrong, each with its name.
    func components(
        with values: [String: String]
    ) -> Result<[JSONValue], ContentRules.Violations> {
        var filling = Filling(values: values)
        var components: [JSONValue] = []
        switch self.header {
        case .text(let text) where !text.names.isEmpty:
            components.append(["type": "header", "parameters": .array(self.headerParameters(text, &filling))])
        case .file(let kind):
            let link = filling.link(Self.headerName)
            let parameter: JSONValue = ["type": .string(kind), kind: ["link": .string(link)]]
            components.append(["type": "header", "parameters": [parameter]])
        case .location:
            filling.refuse(Self.headerName, "is a place: give components as Meta defines them")
        case .text, nil: break
        }
        if let body, !body.names.isEmpty {
            let isNumbered = body.names.allSatisfy(Self.isNumber)
            let names = isNumbered ? body.names.sorted { (Int($0) ?? 0) < (Int($1) ?? 0) } : body.names
            let parameters = names.map { Self.parameter(isNumbered ? nil : $0, filling.text($0)) }
            components.append(["type": "body", "parameters": .array(parameters)])
            if body.rendered(with: values, for: .text, atMost: 1024) == nil {
                filling.refuse("", "makes the body longer than 1024 characters")
            }
        }
        for button in self.buttons where button.kind != .reply || values[button.name] != nil {
            components.append(button.component(&filling))
        }
        return filling.violations.isEmpty ? .success(components) : .failure(.init(all: filling.violations))
    }

    private func headerParameters(_ text: TextTemplate, _ filling: inout Filling) -> [JSONValue] {
        text.names.map { name in
            let isNumber = Self.isNumber(name)
            let given = isNumber ? Self.headerName : name
            let value = filling.text(given)
            if text.rendered(with: [name: value], for: .text, atMost: 60) == nil {
                filling.refuse(given, "makes the header longer than 60 characters")
            }
            return Self.parameter(isNumber ? nil : name, value)
        }
    }

    private static func parameter(_ name: String?, _ text: String) -> JSONValue {
        guard let name else { return ["type": "text", "text": .string(text)] }
        return ["type": "text", "parameter_name": .string(name), "text": .string(text)]
    }

    /// Values on their way into components, and what is wrong with them.
    struct Filling {
        let values: [String: String]
        private(set) var violations: [ContentRules.Violation] = []

        init(values: [String: String]) {
            self.values = values
        }

        mutating func refuse(_ name: String, _ detail: String) {
            self.violations.append(.init(field: name.isEmpty ? "parameters" : "parameters/\(name)", detail: detail))
        }

        mutating func text(_ name: String) -> String {
            let value = self.values[name] ?? ""
            if value.isEmpty || value.hasLineEnds || value.contains("     ") { self.refuse(name, valueRule) }
            return value
        }

        mutating func text(_ name: String, atMost limit: Int) -> String {
            let value = self.text(name)
            if value.unicodeScalars.count > limit { self.refuse(name, "must have at most \(limit) characters") }
            return value
        }

        mutating func link(_ name: String) -> String {
            let value = self.text(name, atMost: 2000)
            if !value.hasPrefix("https://") {
                self.refuse(name, "must be an https address that the provider can fetch")
            }
            return value
        }
    }
}

extension WhatsAppTemplate.Button {
    fileprivate func component(_ filling: inout WhatsAppTemplate.Filling) -> JSONValue {
        let (type, parameter) = self.parameter(&filling)
        return [
            "type": "button", "sub_type": .string(type), "index": .string("\(self.index)"),
            "parameters": [parameter],
        ]
    }

    private func parameter(_ filling: inout WhatsAppTemplate.Filling) -> (type: String, value: JSONValue) {
        switch self.kind {
        case .url(let prefix):
            ("url", ["type": "text", "text": .string(filling.text(self.name, atMost: 2000 - prefix))])
        case .code:
            ("copy_code", ["type": "coupon_code", "coupon_code": .string(filling.text(self.name, atMost: 20))])
        case .reply:
            ("quick_reply", ["type": "payload", "payload": .string(filling.text(self.name, atMost: 256))])
        }
    }
}
