import Providers
import Shared

/// What a provider was told to post to one of an account's URLs.
enum WebhookKind: Sendable, CaseIterable {
    /// About a message that we sent.
    case twilioStatus
    /// A message from a customer.
    case twilioMessage

    var provider: ProviderKind {
        switch self {
        case .twilioStatus, .twilioMessage: .twilio
        }
    }

    /// Reads from the path of a stored webhook which one it was; nil when no such path is known.
    init?(of provider: ProviderKind, target: String) {
        let path = target.prefix { $0 != "?" }
        guard let kind = Self.allCases.first(where: { $0.provider == provider && path.hasSuffix($0.suffix) }) else {
            return nil
        }
        self = kind
    }

    /// How the path of its URL ends.
    private var suffix: String {
        switch self {
        case .twilioStatus: "/status"
        case .twilioMessage: "/messages"
        }
    }

    /// - Parameters:
    ///   - webhook: as it came.
    ///   - account: whose secrets it is checked with.
    ///   - publicURL: what the provider was told, before the path: no header can change it.
    /// - Throws: when the signature does not prove that the provider sent it.
    func verify(
        _ webhook: WebhookRequest,
        _ account: KnownAccount,
        publicURL: String
    ) throws(WebhookSignatureFailure) {
        switch self {
        case .twilioStatus, .twilioMessage:
            try TwilioSignature.verify(
                url: publicURL + webhook.target,
                content: webhook.isJSON
                    ? .json(webhook.body) : .form((try? FormParameters(parsing: webhook.body)) ?? .init([])),
                header: webhook.headers["x-twilio-signature"],
                authToken: account.secret("auth_token")
            )
        }
    }

    /// What it tells.
    ///
    /// - Throws: when it is not what the provider sends.
    func events(_ webhook: WebhookRequest) throws(WebhookFormatFailure) -> [WebhookEvent] {
        switch self {
        case .twilioStatus:
            [try TwilioWebhook.statusEvent(try FormParameters(parsing: webhook.body), reference: webhook.query["ref"])]
        case .twilioMessage:
            TwilioInbound.message(try FormParameters(parsing: webhook.body)).map { message in
                [WebhookEvent(key: message.eventKey, providerNumber: nil, content: .message(message))]
            } ?? []
        }
    }
}
