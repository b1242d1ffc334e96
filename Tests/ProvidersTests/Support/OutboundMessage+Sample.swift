import ProviderStub
import Providers
import Shared

extension OutboundMessage {
    static let sampleMessageID = ID<Message>("01993c5e-0000-7000-8000-000000000001") ?? .new()
    static let sampleAccountID = ID<ChannelAccount>("01993c5e-0000-7000-8000-0000000000aa") ?? .new()

    static func whatsapp(
        to: String = "+254700000001",
        _ content: MessageContent = MessageContent(body: "Hello"),
        credentials: [String: String] = ["access_token": "token", "phone_number_id": "106540352242922"]
    ) -> OutboundMessage {
        self.sample(.whatsappCloud, .whatsapp, to: to, content, credentials)
    }

    static func sms(
        to: String = "+15550001111",
        _ content: MessageContent = MessageContent(body: "Hello"),
        credentials: [String: String] = ["account_sid": "AC1", "auth_token": "secret", "from": "+15017122661"]
    ) -> OutboundMessage {
        self.sample(.twilio, .sms, to: to, content, credentials)
    }

    static func webhook(
        at url: String,
        _ content: MessageContent = MessageContent(body: "Hello"),
        secret: String = ProviderStubSettings.usualWebhookSecret,
        more: [String: String] = [:],
        attempt: Int = 3
    ) -> OutboundMessage {
        let credentials = ["url": url, "secret": secret].merging(more) { $1 }
        return self.sample(.http, .webhook, to: "customer-17", content, credentials, attempt: attempt)
    }

    static func email(
        _ provider: ProviderKind,
        to: String = "ada@example.org",
        _ content: MessageContent,
        _ credentials: [String: String],
        attachments: [AttachmentFile] = [],
        unsubscribeURL: String? = nil
    ) -> OutboundMessage {
        OutboundMessage(
            orgID: .new(),
            accountID: self.sampleAccountID,
            reference: AttemptReference(messageID: self.sampleMessageID, number: 3),
            provider: provider,
            channel: .email,
            to: to,
            content: content,
            attachments: attachments,
            unsubscribeURL: unsubscribeURL,
            credentials: Credentials(credentials)
        )
    }

    static func sample(
        _ provider: ProviderKind,
        _ channel: Channel,
        to: String,
        _ content: MessageContent = MessageContent(body: "Hello"),
        _ credentials: [String: String] = [:],
        attempt: Int = 3
    ) -> OutboundMessage {
        OutboundMessage(
            orgID: .new(),
            accountID: self.sampleAccountID,
            reference: AttemptReference(messageID: self.sampleMessageID, number: attempt),
            provider: provider,
            channel: channel,
            to: to,
            content: content,
            credentials: Credentials(credentials)
        )
    }
}

extension SendOutcome {
    /// Its name and its code, for tables.
    var summary: String {
        switch self {
        case .accepted: "accepted"
        case .throttled(let error, let retryAfter, let scope):
            "throttled \(scope) \(error.code) \(retryAfter.map { "\($0.components.seconds)s" } ?? "-")"
        case .failedTransiently(let error, _): "transient \(error.code)"
        case .rejected(let error): "rejected \(error.code)"
        case .accountBlocked(let error): "blocked \(error.code)"
        case .uncertain(let error): "uncertain \(error.code)"
        }
    }
}

extension ContinuousClock.Instant {
    /// Far enough for any answer of a server on this machine.
    static var distant: Self { .now + .seconds(30) }
}
