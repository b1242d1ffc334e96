import Providers
import Shared

extension WebhookKind {
    /// - Parameters:
    ///   - webhook: as it came.
    ///   - account: whose secrets it is checked with.
    ///   - publicURL: what the provider was told, before the path: no header can change it.
    ///   - now: by our clock.
    /// - Throws: when nothing proves that the provider sent it.
    func verify(
        _ webhook: WebhookRequest,
        _ account: KnownAccount,
        publicURL: String,
        now: Timestamp
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
        case .sendGridEvents:
            try Self.verifySendGrid(webhook, account, now)
        case .sendGridMail:
            // SendGrid signs mails only for who has asked for it; the others have a token in the URL.
            if webhook.headers[Self.sendGridSignature] != nil {
                try Self.verifySendGrid(webhook, account, now)
            } else {
                guard let token = account.secret("inbound_token") else { throw .notConfigured }
                guard let given = webhook.query["token"] else { throw .missing }
                guard given.isEqualInConstantTime(to: token) else { throw .mismatch }
            }
        case .http:
            do throws(WebhookSignatureFailure) {
                try Self.verifyHTTP(webhook, by: account.secret("secret"), now)
            } catch {
                // While the secret is being changed, its sender may still have the old one.
                guard case .mismatch = error, let previous = account.secret("previous_secret") else { throw error }
                try Self.verifyHTTP(webhook, by: previous, now)
            }
        }
    }

    private static func verifyHTTP(
        _ webhook: WebhookRequest,
        by secret: String?,
        _ now: Timestamp
    ) throws(WebhookSignatureFailure) {
        try StandardWebhooks.verify(
            body: webhook.body,
            id: webhook.headers["webhook-id"],
            timestamp: webhook.headers["webhook-timestamp"],
            signature: webhook.headers["webhook-signature"],
            secret: secret,
            now: now
        )
    }

    private static let sendGridSignature = "x-twilio-email-event-webhook-signature"

    private static func verifySendGrid(
        _ webhook: WebhookRequest,
        _ account: KnownAccount,
        _ now: Timestamp
    ) throws(WebhookSignatureFailure) {
        try SendGridSignature.verify(
            body: webhook.body,
            signature: webhook.headers[Self.sendGridSignature],
            timestamp: webhook.headers["x-twilio-email-event-webhook-timestamp"],
            publicKey: account.secret("webhook_public_key"),
            now: now
        )
    }
}

extension String {
    /// Takes as long for a wrong text as for the right one; only the length shows.
    func isEqualInConstantTime(to other: String) -> Bool {
        guard self.utf8.count == other.utf8.count else { return false }
        return zip(self.utf8, other.utf8).reduce(0 as UInt8) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
