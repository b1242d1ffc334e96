import Providers
import Shared

extension InboundMessage {
    /// What is there of it, for comparison with a fixture.
    var told: JSONValue {
        var told: JSONObject = [
            "key": .string(self.eventKey), "id": .string(self.providerMessageID),
            "senders": .array(self.senders.map { .string("\($0.kind.rawValue) \($0.value)") }),
            "kind": .string(self.content.kind.rawValue),
        ]
        told["profile_name"] = self.profileName.map(JSONValue.string)
        told["body"] = self.content.body.map(JSONValue.string)
        told["subject"] = self.content.subject.map(JSONValue.string)
        told["html"] = self.content.html.map(JSONValue.string)
        told["details"] = self.content.details
        told["in_reply_to"] = self.inReplyTo.map(JSONValue.string)
        told["answered_keyword"] = self.answeredKeyword.map { .string($0.rawValue) }
        told["occurred_at"] = self.occurredAt.map { .string($0.description) }
        if !self.content.attachments.isEmpty {
            told["attachments"] = .array(self.content.attachments.map { .string($0.told) })
        }
        return .object(told)
    }
}

extension InboundAttachment {
    fileprivate var told: String {
        let source =
            switch self.source {
            case .whatsappMedia(let id): "whatsapp \(id)"
            case .url(let url): "url \(url)"
            case .part(let name): "part \(name)"
            }
        return "\(source) \(self.contentType ?? "-") \(self.fileName ?? "-")"
    }
}

extension WebhookEvent {
    var message: InboundMessage? {
        guard case .message(let message) = self.content else { return nil }
        return message
    }

    var report: ProviderReport? {
        guard case .report(let report) = self.content else { return nil }
        return report
    }
}

extension ProviderReport.Status {
    /// Its name, a failure's code and its class.
    var told: [String] {
        switch self {
        case .sent: ["sent"]
        case .delivered: ["delivered"]
        case .read: ["read"]
        case .note(let name): ["note", name]
        case .failed(let error, let name): ["failed", error.code, name.rawValue]
        }
    }
}
