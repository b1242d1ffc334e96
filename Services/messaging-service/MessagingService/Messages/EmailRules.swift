import Shared

/// What stands in the headers of an email, and comes from its sender.
enum EmailRules {
    /// Unicode scalars of the name before the sender's address.
    static let fromNameLength = 100

    /// What would end a header's line, or be taken for something else there.
    static func violations(of content: MessageContent) -> [ContentRules.Violation] {
        [("subject", content.subject), ("from_name", content.fromName)].compactMap { field, text in
            text.flatMap { HeaderLine.isSafe($0) ? nil : .init(field: field, detail: HeaderLine.rule) }
        }
    }
}

extension JSONFields {
    /// One address of email, in its canonical form; nil where it is absent or none.
    mutating func replyTo(_ name: String) -> String? {
        guard let text = self.string(name, 1...254) else { return nil }
        do {
            return try Address(text, for: .email).value
        } catch {
            self.violation(at: name, error.reason)
            return nil
        }
    }
}
