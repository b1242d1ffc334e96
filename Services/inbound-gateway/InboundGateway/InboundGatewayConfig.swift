import Configuration
import Secrets
import Shared

/// What this service reads from its environment, besides the database (`POSTGRES_…`) and the server (`HTTP_…`).
///
/// Keys:
/// - `master.key`, `master.key.previous`: see `MasterKeys`; they seal our copy of verification secrets.
/// - `service.token.secret` (string of at least 32 bytes, required, secret): signs our calls to other services.
/// - `customers.url`, `conversations.url`, `messaging.url` (URLs, required): the services that webhooks are passed on to.
/// - `twilio.api.url` (URL, default `https://api.twilio.com`): where past messages are asked for.
/// - `public.inbound.url` (URL, required): what providers were told; Twilio's signatures are over it.
/// - `whatsapp.verify.token` (string, optional, secret): of the one Meta app that many numbers share.
struct InboundGatewayConfig: Sendable {
    let masterKeys: MasterKeys
    let serviceTokenSecret: String
    let customersURL: String
    let conversationsURL: String
    let messagingURL: String
    let twilioURL: String
    /// Without a slash at its end.
    let publicURL: String
    let whatsAppVerifyToken: String?

    init(reader: ConfigReader) async throws {
        self.masterKeys = try await MasterKeys(reader: reader)
        self.serviceTokenSecret = try await reader.fetchRequiredString(forKey: "service.token.secret", isSecret: true)
        self.customersURL = try Self.url(
            try await reader.fetchRequiredString(forKey: "customers.url"),
            key: "CUSTOMERS_URL"
        )
        self.conversationsURL = try Self.url(
            try await reader.fetchRequiredString(forKey: "conversations.url"),
            key: "CONVERSATIONS_URL"
        )
        self.messagingURL = try Self.url(
            try await reader.fetchRequiredString(forKey: "messaging.url"),
            key: "MESSAGING_URL"
        )
        self.twilioURL = try Self.url(
            try await reader.fetchString(forKey: "twilio.api.url", default: "https://api.twilio.com"),
            key: "TWILIO_API_URL"
        )
        self.publicURL = try Self.url(
            try await reader.fetchRequiredString(forKey: "public.inbound.url"),
            key: "PUBLIC_INBOUND_URL"
        )
        self.whatsAppVerifyToken = try await reader.fetchString(forKey: "whatsapp.verify.token", isSecret: true)
            .flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func url(_ text: String, key: String) throws(ConfigFailure) -> String {
        let hosts = ["http://", "https://"].compactMap { text.hasPrefix($0) ? text.dropFirst($0.count) : nil }
        guard let host = hosts.first, host.first?.isLetter == true || host.first?.isNumber == true || host.first == "[",
            !text.contains("?"), !text.contains("#")
        else {
            throw ConfigFailure(key: key, reason: "must be a URL like https://hooks.example.com, without a query")
        }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }
}
