package import Crypto

/// What the stub is started with.
package struct ProviderStubSettings: Sendable {
    package var host = "127.0.0.1"
    /// 0 takes a free port.
    package var port = 0
    /// The file of accepted messages; appended to.
    package var ledgerPath: String
    /// Off only for measuring without the disk.
    package var syncsLedger = true
    /// The inbound gateway, without a slash at the end; nil posts WhatsApp statuses nowhere until a webhook is set.
    package var webhookBase: String?
    package var whatsAppAppSecret: String?
    /// The one accepted token; nil accepts any, and signs with the one used.
    package var twilioAuthToken: String?
    package var sendGridKey = P256.Signing.PrivateKey()
    /// What signs webhooks to `/receivers/…`: `whsec_` and base64.
    package var webhookSecret = Self.usualWebhookSecret
    package var callbacks = CallbackSettings()

    package static let usualWebhookSecret = "whsec_cHJvdmlkZXItc3R1YiB0YWtlcyB3ZWJob29rcw=="

    package init(ledgerPath: String) {
        self.ledgerPath = ledgerPath
    }

    /// Where Meta's webhooks go, when both the place and the secret are known.
    var whatsAppWebhook: WhatsAppWebhook? {
        guard let base = self.webhookBase, let secret = self.whatsAppAppSecret else { return nil }
        return WhatsAppWebhook(url: base + "/webhooks/whatsapp", appSecret: secret)
    }
}
