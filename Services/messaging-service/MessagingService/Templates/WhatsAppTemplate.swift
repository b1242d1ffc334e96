import Shared

/// A template as Meta has it: its name there, and the components that a message must fill.
///
/// What fills them is named as in Meta's texts: `{{1}}` and `{{order}}` of the body; a header's text of its own name, or `header`
/// where it is numbered; the address of a header's file is `header`, what completes button 0 is `button.0`.
/// - Source: Meta, "Template components" of the WhatsApp Business Platform, 2026-08.
struct WhatsAppTemplate: Sendable, Equatable {
    enum Header: Sendable, Equatable {
        case text(TextTemplate)
        /// `image`, `video` or `document`, as a message names it.
        case file(String)
        case location
    }

    /// A button that a message completes, or may.
    struct Button: Sendable, Equatable {
        enum Kind: Sendable, Equatable {
            /// An address whose end is given; its bytes without that.
            case url(prefix: Int)
            case code
            /// What comes back when it is pressed; Meta's own when none is given.
            case reply
        }

        let index: Int
        let kind: Kind

        var name: String { "button.\(self.index)" }
    }

    var name = ""
    var header: Header?
    var body: TextTemplate?
    var buttons: [Button] = []

    static let headerName = "header"

    /// What a message gives, in the order of the components; replies to buttons are not needed.
    var names: [String] {
        var names = self.headerNames
        names += (self.body?.names ?? []).filter { !names.contains($0) }
        return names + self.buttons.filter { $0.kind != .reply }.map(\.name)
    }

    /// What a message may give beside.
    var optionalNames: [String] { self.buttons.filter { $0.kind == .reply }.map(\.name) }

    /// The name of the header's variable, as a message gives it.
    var headerNames: [String] {
        switch self.header {
        case .text(let text): text.names.map { Self.isNumber($0) ? Self.headerName : $0 }
        case .file: [Self.headerName]
        case .location, nil: []
        }
    }

    static func isNumber(_ name: String) -> Bool { name.utf8.allSatisfy { (0x30...0x39).contains($0) } }
}

extension WhatsAppTemplate {
    private enum ComponentType: String, CaseIterable {
        case header = "HEADER"
        case body = "BODY"
        case footer = "FOOTER"
        case buttons = "BUTTONS"
    }

    /// Reads the member `whatsapp`; fields of Meta's that say nothing about parameters are passed over.
    init(_ fields: inout JSONFields) {
        self.name = fields.requiredString("name", 1...512)
        if !self.name.utf8.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }) {
            fields.violation(at: "name", "must have small letters, digits and _ only")
        }
        for name in ["id", "status", "category", "language", "parameter_format"] { _ = fields.isPresent(name) }
        var seen: Set<String> = []
        for (index, component) in fields.requiredArray("components", 1...4).enumerated() {
            let path = "components/\(index)"
            guard let type = component["type"]?.string.flatMap({ ComponentType(rawValue: $0.uppercased()) }) else {
                let names = ComponentType.allCases.map(\.rawValue).joined(separator: ", ")
                fields.violation(at: "\(path)/type", "must be one of \(names)")
                continue
            }
            if !seen.insert(type.rawValue).inserted { fields.violation(at: path, "is the second of its type") }
            switch type {
            case .header: self.header = Self.header(component, at: path, &fields)
            case .body: self.body = Self.text(component, at: path, atMost: 1024, &fields)
            case .footer: Self.readFooter(component, at: path, &fields)
            case .buttons: self.buttons = Self.buttons(component, at: "\(path)/buttons", &fields)
            }
        }
        if !seen.contains(ComponentType.body.rawValue) {
            fields.violation(at: "components", "must have one of the type BODY")
        }
        Self.checkNames(of: self.body, at: "components", &fields)
    }

    /// A text of a component, of `limit` characters at most.
    private static func text(
        _ component: JSONValue,
        at path: String,
        _ name: String = "text",
        atMost limit: Int,
        _ fields: inout JSONFields
    ) -> TextTemplate? {
        guard let text = component[name]?.string, (1...limit).contains(text.unicodeScalars.count) else {
            fields.violation(at: "\(path)/\(name)", "must be a string of 1 to \(limit) characters")
            return nil
        }
        do throws(TextTemplate.Fault) {
            return try TextTemplate(text)
        } catch {
            fields.violation(at: "\(path)/\(name)", error.detail)
            return nil
        }
    }

    private static func header(_ component: JSONValue, at path: String, _ fields: inout JSONFields) -> Header? {
        switch component["format"]?.string?.uppercased() {
        case "TEXT":
            guard let text = Self.text(component, at: path, atMost: 60, &fields) else { return nil }
            if text.names.count > 1 { fields.violation(at: "\(path)/text", "must have at most one variable") }
            return .text(text)
        case "IMAGE": return .file("image")
        // A moving picture is sent as a film.
        case "VIDEO", "GIF": return .file("video")
        case "DOCUMENT": return .file("document")
        case "LOCATION": return .location
        default:
            fields.violation(at: "\(path)/format", "must be one of TEXT, IMAGE, VIDEO, GIF, DOCUMENT, LOCATION")
            return nil
        }
    }

    private static func readFooter(_ component: JSONValue, at path: String, _ fields: inout JSONFields) {
        guard let text = Self.text(component, at: path, atMost: 60, &fields) else { return }
        if !text.names.isEmpty { fields.violation(at: "\(path)/text", "must not have variables") }
    }

    /// Numbers count from 1 without a gap, or else all variables have names.
    private static func checkNames(of body: TextTemplate?, at path: String, _ fields: inout JSONFields) {
        let names = body?.names ?? []
        let numbers = names.filter(Self.isNumber).compactMap { Int($0) }
        guard !numbers.isEmpty else { return }
        if numbers.count < names.count || Set(numbers) != Set(1...names.count) {
            fields.violation(at: path, "must have variables in the body that are numbered from 1, or all have names")
        }
    }
}
