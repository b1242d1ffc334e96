import NIOHTTP1
import Shared

/// One attempt as it is posted: our own documented form, signed by Standard Webhooks.
///
///     {"id": "<message>", "type": "message.send", "timestamp": "...", "data": {"message_id", "reference", "to", "body", ...}}
///
/// `webhook-id` and `id` are the message's, in every attempt: whoever has seen it drops a second copy.
struct HTTPWebhookRequest: Sendable {
    let url: MediaAddress
    let id: String
    let headers: HTTPHeaders
    let body: [UInt8]

    init(_ message: OutboundMessage, at time: Timestamp) throws(CredentialsFault) {
        self.url = try Self.url(message.credentials)
        let id = "\(message.reference.messageID)"
        let body = JSONValue.payload(of: message, id: id, at: time).bytes
        let seconds = time.microseconds / 1_000_000
        let secrets = try Self.secrets(message.credentials)
        let signatures = secrets.compactMap { secret in
            StandardWebhooks.sign(id: id, seconds: seconds, body: body, secret: secret)
        }
        guard signatures.count == secrets.count else {
            throw CredentialsFault(detail: "The account's secret \(WebhookEndpoint.secretRule).")
        }
        self.id = id
        self.body = body
        self.headers = [
            "content-type": "application/json", "user-agent": "Herald", "webhook-id": id,
            "webhook-timestamp": "\(seconds)", "webhook-signature": signatures.joined(separator: " "),
        ]
    }

    /// Where an account's webhooks go.
    static func url(_ credentials: Credentials) throws(CredentialsFault) -> MediaAddress {
        let text = try credentials.required("url")
        guard WebhookEndpoint.isURL(text), let url = try? MediaAddress(text) else {
            throw CredentialsFault(detail: "The account's credential `url` \(WebhookEndpoint.urlRule).")
        }
        return url
    }

    /// What they are signed with: while a secret is being changed the receiver knows one of the two.
    static func secrets(_ credentials: Credentials) throws(CredentialsFault) -> [String] {
        let secret = try credentials.required("secret")
        guard credentials["previous_secret"] != nil else { return [secret] }
        return [secret, try credentials.required("previous_secret")]
    }
}

extension JSONValue {
    fileprivate static func payload(of message: OutboundMessage, id: String, at time: Timestamp) -> JSONValue {
        let content = message.content
        var data: JSONObject = [
            "message_id": .string(id), "reference": .text(message.reference), "org_id": .text(message.orgID),
            "account_id": .text(message.accountID), "to": .string(message.to),
        ]
        data["body"] = content.body.map { .string($0) }
        data["subject"] = content.subject.map { .string($0) }
        data["html"] = content.html.map { .string($0) }
        data["template"] = content.template.map { .template($0) }
        data["media"] = content.media.map { media in
            var object: JSONObject = ["url": .string(media.url), "kind": .string(media.kind.rawValue)]
            object["caption"] = media.caption.map { .string($0) }
            return .object(object)
        }
        data["interactive"] = content.interactive
        return [
            "id": .string(id), "type": "message.send", "timestamp": .text(time), "data": .object(data),
        ]
    }

    private static func template(_ template: TemplateReference) -> JSONValue {
        var object: JSONObject = ["code": .string(template.name ?? template.code)]
        object["language"] = template.language.map { .string($0) }
        object["parameters"] = template.parameters.map { parameters in
            .object(members: parameters.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })
        }
        object["components"] = template.components
        return .object(object)
    }
}
