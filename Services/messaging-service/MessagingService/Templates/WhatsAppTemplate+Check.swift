import Shared

extension WhatsAppTemplate {
    /// What is wrong with the components that a message gives by itself, each with its place in `components`.
    func violations(of given: JSONValue) -> [ContentRules.Violation] {
        var check = Check(template: self)
        for (index, component) in (given.array ?? []).enumerated() { check.read(component, at: "components/\(index)") }
        check.finish()
        return check.violations
    }

    private struct Check {
        let template: WhatsAppTemplate
        var violations: [ContentRules.Violation] = []
        private var seen: Set<String> = []

        init(template: WhatsAppTemplate) {
            self.template = template
        }

        mutating func read(_ component: JSONValue, at path: String) {
            let parameters = component["parameters"]?.array ?? []
            let type = component["type"]?.string?.lowercased() ?? ""
            var key = type
            switch type {
            case "header": self.check(parameters, are: self.headerTypes, at: path)
            case "body":
                self.check(parameters, are: (self.template.body?.names ?? []).map { _ in Self.texts }, at: path)
            case "button":
                guard let index = component["index"].flatMap({ $0.int ?? $0.string.flatMap { Int($0) } }),
                    let button = self.template.buttons.first(where: { $0.index == index })
                else {
                    return self.refuse("\(path)/index", "is of no button that takes a parameter")
                }
                key = button.name
                if component["sub_type"]?.string?.lowercased() != button.subType {
                    self.refuse("\(path)/sub_type", "must be \(button.subType)")
                }
                self.check(parameters, are: [[button.parameterType]], at: path)
            default: return self.refuse("\(path)/type", "must be header, body or button")
            }
            if !self.seen.insert(key).inserted { self.refuse(path, "stands twice") }
        }

        /// Whatever takes parameters must be there.
        mutating func finish() {
            var needed: [String] = []
            if !self.headerTypes.isEmpty { needed.append("header") }
            if self.template.body?.names.isEmpty == false { needed.append("body") }
            needed += self.template.buttons.filter { $0.kind != .reply }.map(\.name)
            for key in needed where !self.seen.contains(key) {
                self.refuse("components", "must have one for \(key.replacing(".", with: " "))")
            }
        }

        /// Types of one parameter; a body's may be money and times beside texts.
        private static let texts: Set = ["text", "currency", "date_time"]

        private var headerTypes: [Set<String>] {
            switch self.template.header {
            case .text(let text): text.names.map { _ in Self.texts }
            case .file(let kind): [[kind]]
            case .location: [["location"]]
            case nil: []
            }
        }

        private mutating func check(_ parameters: [JSONValue], are types: [Set<String>], at path: String) {
            guard parameters.count == types.count else {
                return self.refuse("\(path)/parameters", "must have \(types.count) elements, as the template declares")
            }
            for (index, (parameter, types)) in zip(parameters, types).enumerated() {
                let type = parameter["type"]?.string?.lowercased() ?? ""
                let place = "\(path)/parameters/\(index)"
                guard types.contains(type) else {
                    self.refuse("\(place)/type", "must be \(types.sorted().joined(separator: " or "))")
                    continue
                }
                if type == "text", parameter["text"]?.string?.isEmpty != false {
                    self.refuse("\(place)/text", "must be a string that is not empty")
                }
                if ["image", "video", "document", "location"].contains(type), parameter[type]?.object == nil {
                    self.refuse("\(place)/\(type)", "must be an object")
                }
            }
        }

        private mutating func refuse(_ path: String, _ detail: String) {
            self.violations.append(.init(field: path, detail: detail))
        }
    }
}

extension WhatsAppTemplate.Button {
    fileprivate var subType: String {
        switch self.kind {
        case .url: "url"
        case .code: "copy_code"
        case .reply: "quick_reply"
        }
    }

    fileprivate var parameterType: String {
        switch self.kind {
        case .url: "text"
        case .code: "coupon_code"
        case .reply: "payload"
        }
    }
}
