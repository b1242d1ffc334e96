import Shared

/// Which parts a message may have on which channel, and how long they may be.
enum ContentRules {
    /// Adds what is wrong with `content` to `fields`; the limits are those of the providers.
    static func check(_ content: MessageContent, for channel: Channel, in fields: inout JSONFields) {
        for violation in self.violations(of: content, for: channel)
        where !violation.isAbsence || fields.value(violation.field) == nil {
            fields.violation(at: violation.field, violation.detail)
        }
    }

    struct Violation: Equatable {
        let field: String
        let detail: String
        var isAbsence = false
    }

    static func violations(of content: MessageContent, for channel: Channel) -> [Violation] {
        var violations: [Violation] = []
        let allowed = Self.parts(of: channel)
        for (part, isPresent) in Self.present(content) where isPresent && !allowed.contains(part) {
            violations.append(.init(field: part.rawValue, detail: "does not exist on the channel \(channel.rawValue)"))
        }
        if let limit = Self.bodyLimit(of: channel), let body = content.body, body.utf16.count > limit {
            violations.append(
                .init(field: "body", detail: "must have at most \(limit) characters on \(channel.rawValue)")
            )
        }
        let main = [content.body != nil, content.template != nil, content.interactive != nil]
        if main.count(where: { $0 }) > 1 {
            violations.append(.init(field: "body", detail: "must be the only one of body, template and interactive"))
        }
        if !main.contains(true), content.html == nil, content.media == nil {
            let choices = allowed.contains(.template) ? "body, or template" : "body"
            violations.append(.init(field: "body", detail: "is required: a message needs \(choices)", isAbsence: true))
        }
        if channel == .email, content.subject == nil {
            violations.append(.init(field: "subject", detail: "is required for email", isAbsence: true))
        }
        if let subject = content.subject,
            subject.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F })
        {
            violations.append(.init(field: "subject", detail: "must not contain line breaks or control characters"))
        }
        return violations
    }

    private enum Part: String {
        case body, subject, html, template, media, interactive
    }

    private static func parts(of channel: Channel) -> Set<Part> {
        switch channel {
        case .whatsapp: [.body, .template, .media, .interactive]
        case .sms: [.body]
        case .email: [.body, .subject, .html]
        case .push, .inapp: [.body, .subject]
        case .webhook: [.body]
        // Whatever can be tried out.
        case .sandbox: [.body, .subject, .html, .template, .media, .interactive]
        }
    }

    private static func present(_ content: MessageContent) -> [(Part, Bool)] {
        [
            (.body, content.body != nil), (.subject, content.subject != nil), (.html, content.html != nil),
            (.template, content.template != nil), (.media, content.media != nil),
            (.interactive, content.interactive != nil),
        ]
    }

    /// In UTF-16 units, as the providers count; nil where only the request's size limits it.
    private static func bodyLimit(of channel: Channel) -> Int? {
        switch channel {
        case .whatsapp: 4096
        case .sms: 1600
        case .push, .inapp: 4000
        case .email, .webhook, .sandbox: nil
        }
    }
}
