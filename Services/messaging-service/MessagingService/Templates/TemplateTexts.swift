import Shared

/// The texts of a template that we render: what each says, and what it takes to say it.
struct TemplateTexts: Sendable, Equatable {
    var subject: TextTemplate?
    var body: TextTemplate?
    var html: TextTemplate?

    /// The longest that each may be, as it is written and as it is rendered, in Unicode scalars: those of a message.
    static let (subjectLength, bodyLength, htmlLength) = (500, 100_000, 200_000)

    var names: [String] {
        var names: [String] = []
        for text in [self.subject, self.body, self.html].compactMap(\.self) {
            names += text.names.filter { !names.contains($0) }
        }
        return names
    }

    /// What the texts say with these values, or what is wrong with it by `channel`'s rules, each with its field.
    func content(
        with values: [String: String],
        for channel: Channel
    ) -> Result<MessageContent, ContentRules.Violations> {
        var content = MessageContent()
        var violations: [ContentRules.Violation] = []
        func render(_ text: TextTemplate?, _ field: String, _ place: TextTemplate.Place, _ limit: Int) -> String? {
            guard let text else { return nil }
            guard let rendered = text.rendered(with: values, for: place, atMost: limit) else {
                violations.append(.init(field: field, detail: "becomes longer than \(limit) characters"))
                return nil
            }
            if rendered.isEmpty { violations.append(.init(field: field, detail: "becomes empty")) }
            return rendered
        }
        content.subject = render(self.subject, "subject", .line, Self.subjectLength)
        content.body = render(self.body, "body", .text, Self.bodyLength)
        content.html = render(self.html, "html", .html, Self.htmlLength)
        if violations.isEmpty { violations = ContentRules.violations(of: content, for: channel) }
        return violations.isEmpty ? .success(content) : .failure(.init(all: violations))
    }
}

extension ContentRules {
    /// What is wrong with a content.
    struct Violations: Error {
        let all: [Violation]
    }
}
