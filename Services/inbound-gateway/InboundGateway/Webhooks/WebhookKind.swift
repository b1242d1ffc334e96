import Providers
import Shared

/// What a provider was told to post to one of an account's URLs; `/webhooks/{provider}/{account_id}` and the raw value.
enum WebhookKind: String, Sendable, CaseIterable {
    /// About a message that we sent.
    case twilioStatus = "/status"
    /// A message from a customer.
    case twilioMessage = "/messages"
    /// About mails that we sent.
    case sendGridEvents = "/events"
    /// A mail from a customer.
    case sendGridMail = "/inbound"
    /// Whatever a system of the organization's own tells, by the generic endpoint.
    case http = ""

    var provider: ProviderKind {
        switch self {
        case .twilioStatus, .twilioMessage: .twilio
        case .sendGridEvents, .sendGridMail: .sendgrid
        case .http: .http
        }
    }

    /// Bytes of its body: a mail comes with its attachments.
    var bodyBytes: Int { self == .sendGridMail ? Limits.inboundMailBytes : Limits.webhookBytes }

    /// Reads from the path of a stored webhook which one it was; nil when no such path is known.
    init?(of provider: ProviderKind, target: String) {
        let path = target.prefix { $0 != "?" }
        guard let kind = Self.allCases.first(where: { $0.provider == provider && path.hasSuffix($0.rawValue) }) else {
            return nil
        }
        self = kind
    }

    /// What it tells.
    ///
    /// - Throws: when it is not what the provider sends.
    func events(_ webhook: WebhookRequest) throws(WebhookFormatFailure) -> [WebhookEvent] {
        switch self {
        case .twilioStatus: [try TwilioWebhook.statusEvent(try webhook.form(), reference: webhook.query["ref"])]
        case .twilioMessage:
            TwilioInbound.message(try webhook.form()).map { message in
                [WebhookEvent(key: message.eventKey, providerNumber: nil, content: .message(message))]
            } ?? []
        case .sendGridEvents: try SendGridWebhook.events(webhook.body)
        case .sendGridMail: [try InboundParse.event(webhook.body, contentType: webhook.headers["content-type"])]
        case .http: try HTTPWebhook.events(webhook.body, id: webhook.headers["webhook-id"] ?? "")
        }
    }
}

extension WebhookRequest {
    /// The parameters of a body that is a form, or the same as a flat JSON object.
    fileprivate func form() throws(WebhookFormatFailure) -> FormParameters {
        if self.isJSON { return try FormParameters(json: self.body) }
        return try FormParameters(parsing: self.body)
    }
}
