import Shared

/// What Meta takes as the `interactive` object of a WhatsApp message: buttons, a list, a link, the question for a place.
///
/// Other kinds name things that only Meta knows, like products and flows; of them the common parts are checked.
/// - Source: Meta, "Interactive reply buttons messages", "Interactive list messages", "Interactive call-to-action URL button
///   messages" and "Location request messages" of the WhatsApp Business Platform, 2026-08.
enum InteractiveRules {
    enum Kind: String, CaseIterable {
        case button, list, flow, product, carousel
        case ctaURL = "cta_url"
        case locationRequest = "location_request_message"
        case productList = "product_list"
        case catalog = "catalog_message"
        case address = "address_message"
        case voiceCall = "voice_call"
        case callPermission = "call_permission_request"
    }

    /// What is wrong with `object`, each with its JSON Pointer within it.
    static func violations(of object: JSONValue) -> [Problem.Violation] {
        var fields = JSONFields(object, at: "")
        let kind = fields.requiredOneOf("type", Kind.self)
        // Of what kind the rest is can not be said.
        guard fields.violations.isEmpty else { return fields.violations }
        switch kind {
        case .button:
            Self.readTexts(&fields, body: 1024, headers: Header.allCases)
            fields.requiredNested("action") { Self.readButtons(&$0) }
        case .list:
            Self.readTexts(&fields, body: 4096, headers: [.text])
            fields.requiredNested("action") { Self.readSections(&$0) }
        case .ctaURL:
            Self.readTexts(&fields, body: 1024, headers: Header.allCases)
            fields.requiredNested("action") { Self.readLink(&$0) }
        case .locationRequest:
            Self.readTexts(&fields, body: 1024, headers: [])
            fields.requiredNested("action") { Self.readName("send_location", &$0) }
        case .flow, .product, .carousel, .productList, .catalog, .address, .voiceCall, .callPermission:
            return Self.violationsOfOther(object)
        }
        return fields.endingViolations
    }

    private enum Header: String, CaseIterable {
        case text, image, video, document
    }

    private static func readTexts(_ fields: inout JSONFields, body: Int, headers: [Header]) {
        _ = fields.oneOf("recipient_type", RecipientType.self)
        fields.requiredNested("body") { _ = $0.requiredText("text", atMost: body) }
        _ = fields.nested("footer") { _ = $0.requiredText("text", atMost: 60) }
        guard !headers.isEmpty else { return }
        _ = fields.nested("header") { Self.readHeader(&$0, headers) }
    }

    private enum RecipientType: String, CaseIterable {
        case individual, group
    }

    private static func readHeader(_ fields: inout JSONFields, _ allowed: [Header]) {
        let type = fields.requiredOneOf("type", Header.self)
        guard allowed.contains(type) else {
            let choices = allowed.map(\.rawValue).joined(separator: ", ")
            return fields.violation(at: "type", "must be \(choices) here")
        }
        switch type {
        case .text:
            _ = fields.text("sub_text", atMost: 60)
            _ = fields.requiredText("text", atMost: 60)
        case .image, .video, .document: fields.requiredNested(type.rawValue) { Self.readFile(&$0, type) }
        }
    }

    /// A file by its address, or by the id that Meta gave it.
    private static func readFile(_ fields: inout JSONFields, _ type: Header) {
        let link = fields.string("link", 1...2000)
        let id = fields.string("id", 1...200)
        if type == .document { _ = fields.string("filename", 1...240) }
        if let link, !link.hasPrefix("https://") { fields.violation(at: "link", "must be an https address") }
        if (link == nil) == (id == nil) { fields.violation(at: "", "must have a link or an id") }
    }

    private static func readButtons(_ fields: inout JSONFields) {
        var (ids, titles) = (Distinct(), Distinct())
        let buttons = fields.requiredEach("buttons", 1...3) { button -> (id: String, title: String) in
            _ = button.requiredOneOf("type", ReplyType.self)
            return button.requiredNested("reply") { reply in
                (reply.requiredString("id", 1...256), reply.requiredText("title", atMost: 20))
            }
        }
        for (index, button) in buttons.enumerated() {
            ids.check(button.id, at: "buttons/\(index)/reply/id", in: &fields)
            titles.check(button.title, at: "buttons/\(index)/reply/title", in: &fields)
            // Meta cuts them off, and then does not know the id.
            if button.id.first?.isWhitespace == true || button.id.last?.isWhitespace == true {
                fields.violation(at: "buttons/\(index)/reply/id", "must not begin or end with a space")
            }
        }
    }

    private enum ReplyType: String, CaseIterable {
        case reply
    }

    private static func readSections(_ fields: inout JSONFields) {
        _ = fields.requiredText("button", atMost: 20)
        var ids = Distinct()
        let sections = fields.requiredEach("sections", 1...10) { section -> (title: String?, rows: [String]) in
            let title = section.text("title", atMost: 24)
            let rows = section.requiredEach("rows", 1...10) { row -> String in
                _ = row.requiredText("title", atMost: 24)
                _ = row.text("description", atMost: 72)
                return row.requiredString("id", 1...200)
            }
            return (title, rows)
        }
        for (place, section) in sections.enumerated() {
            if section.title == nil, sections.count > 1 {
                fields.violation(at: "sections/\(place)/title", "is required where there are several sections")
            }
            for (index, id) in section.rows.enumerated() {
                ids.check(id, at: "sections/\(place)/rows/\(index)/id", in: &fields)
            }
        }
        let count = sections.reduce(0) { $0 + $1.rows.count }
        if count > 10 { fields.violation(at: "sections", "must have at most 10 rows together, not \(count)") }
    }

    private static func readLink(_ fields: inout JSONFields) {
        Self.readName("cta_url", &fields)
        fields.requiredNested("parameters") { parameters in
            _ = parameters.requiredText("display_text", atMost: 20)
            let url = parameters.requiredString("url", 1...2000)
            if !url.isEmpty, !url.hasPrefix("https://"), !url.hasPrefix("http://") {
                parameters.violation(at: "url", "must be an address that begins with https:// or http://")
            }
        }
    }

    private static func readName(_ name: String, _ fields: inout JSONFields) {
        let given = fields.requiredString("name", 1...100)
        if !given.isEmpty, given != name { fields.violation(at: "name", "must be \(name)") }
    }

    private static func violationsOfOther(_ object: JSONValue) -> [Problem.Violation] {
        var violations: [Problem.Violation] = []
        for (name, limit) in [("body", 1024), ("footer", 60)] {
            guard let part = object[name], !part.isNull else { continue }
            guard let text = part["text"]?.string, (1...limit).contains(text.utf16.count) else {
                violations.append(.init(pointer: "/\(name)/text", detail: "must have 1 to \(limit) characters"))
                continue
            }
        }
        if object["action"]?.object == nil {
            violations.append(.init(pointer: "/action", detail: "is required, and must be an object"))
        }
        return violations
    }
}

/// Finds what stands twice.
private struct Distinct {
    private var seen: Set<String> = []

    mutating func check(_ text: String, at path: String, in fields: inout JSONFields) {
        guard !text.isEmpty, !self.seen.insert(text).inserted else { return }
        fields.violation(at: path, "must differ from the others")
    }
}

extension JSONFields {
    /// A text that a person sees, of `limit` UTF-16 units, as providers count.
    fileprivate mutating func text(_ name: String, atMost limit: Int) -> String? {
        let text = self.string(name, 1...limit)
        if let text, text.utf16.count > limit { self.violation(at: name, "must have 1 to \(limit) characters") }
        return text
    }

    fileprivate mutating func requiredText(_ name: String, atMost limit: Int) -> String {
        let text = self.requiredString(name, 1...limit)
        if text.utf16.count > limit { self.violation(at: name, "must have 1 to \(limit) characters") }
        return text
    }

    /// All violations, unknown fields included.
    fileprivate var endingViolations: [Problem.Violation] {
        var fields = self
        do throws(Problem) {
            try fields.finish()
            return []
        } catch {
            return error.violations
        }
    }
}
