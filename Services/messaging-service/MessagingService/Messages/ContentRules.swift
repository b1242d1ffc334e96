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
        if let body = content.body, let excess = Self.excess(of: body, on: channel) {
            violations.append(.init(field: "body", detail: excess))
        }
        let main = [content.body != nil, content.template != nil, content.interactive != nil]
        if main.count(where: { $0 }) > 1 {
            violations.append(.init(field: "body", detail: "must be the only one of body, template and interactive"))
        }
        if !main.contains(true), content.html == nil, content.media == nil {
            let choices = allowed.contains(.template) ? "body, or template" : "body"
            violations.append(.init(field: "body", detail: "is required: a message needs \(choices)", isAbsence: true))
        }
        if content.template != nil {
            // All of them come from the template, or go with it; but for what surrounds an email.
            let free: Set<Part> = [.template, .body, .interactive, .fromName, .replyTo, .attachments]
            let beside = Self.present(content).filter { $0.1 && !free.contains($0.0) }
            violations += beside.map { .init(field: $0.0.rawValue, detail: "can not stand beside template") }
        }
        if channel == .whatsapp || channel == .sandbox { violations += Self.whatsappViolations(of: content) }
        if channel == .email, content.subject == nil, content.template == nil {
            violations.append(.init(field: "subject", detail: "is required for email", isAbsence: true))
        }
        return violations + EmailRules.violations(of: content)
    }

    /// What Meta would refuse, before it is queued.
    private static func whatsappViolations(of content: MessageContent) -> [Violation] {
        var violations: [Violation] = []
        if let interactive = content.interactive {
            violations += InteractiveRules.violations(of: interactive).map {
                .init(field: "interactive\($0.pointer)", detail: $0.detail)
            }
        }
        guard let media = content.media else { return violations }
        if media.caption != nil, !media.kind.takesCaption {
            let detail = "can not stand at \(media.kind.rawValue): image, video and document have captions"
            violations.append(.init(field: "media/caption", detail: detail))
        }
        for (part, isPresent) in [("body", content.body != nil), ("interactive", content.interactive != nil)]
        where isPresent {
            violations.append(.init(field: part, detail: "can not stand beside media, whose text is its caption"))
        }
        return violations
    }

    private enum Part: String {
        case body, subject, html, template, media, interactive, attachments
        case fromName = "from_name"
        case replyTo = "reply_to"
    }

    private static func parts(of channel: Channel) -> Set<Part> {
        switch channel {
        case .whatsapp: [.body, .template, .media, .interactive]
        case .sms: [.body, .template]
        case .email: [.body, .subject, .html, .template, .fromName, .replyTo, .attachments]
        case .push, .inapp: [.body, .subject, .template]
        case .webhook: [.body, .template]
        // Whatever can be tried out.
        case .sandbox: [.body, .subject, .html, .template, .media, .interactive, .fromName, .replyTo, .attachments]
        }
    }

    private static func present(_ content: MessageContent) -> [(Part, Bool)] {
        [
            (.body, content.body != nil), (.subject, content.subject != nil), (.html, content.html != nil),
            (.template, content.template != nil), (.media, content.media != nil),
            (.interactive, content.interactive != nil), (.fromName, content.fromName != nil),
            (.replyTo, content.replyTo != nil), (.attachments, content.attachments != nil),
        ]
    }

    /// Why a body is too long; nil where it is not.
    static func excess(of body: String, on channel: Channel) -> String? {
        if channel == .sms { return SMSText.excess(of: body) }
        let characters = body.utf16.count
        guard let limit = self.bodyLimit(of: channel), characters > limit else { return nil }
        return "must have at most \(limit) characters on \(channel.rawValue), and has \(characters)"
    }

    /// In UTF-16 units, as the providers count; nil where only the request's size limits it.
    private static func bodyLimit(of channel: Channel) -> Int? {
        switch channel {
        case .whatsapp: 4096
        case .sms: SMSText.mostCharacters
        case .push, .inapp: 4000
        case .email, .webhook, .sandbox: nil
        }
    }
}

extension MediaReference.Kind {
    /// Whether WhatsApp shows a text at the file.
    fileprivate var takesCaption: Bool {
        switch self {
        case .image, .video, .document: true
        case .audio, .sticker: false
        }
    }
}
