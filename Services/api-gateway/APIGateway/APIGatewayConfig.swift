import Configuration
import Shared

/// What this service reads from its environment, besides the database (`POSTGRES_…`) and the server (`HTTP_…`).
///
/// Keys:
/// - `operator.key` (string of at least 16 characters, required, secret): manages organizations.
/// - `key.pepper` (string of at least 32 bytes, required, secret): under which API keys are stored. Another one ends all keys.
/// - `service.token.secret` (string of at least 32 bytes, required, secret): signs our calls to other services.
/// - `customers.url`, `conversations.url`, `messaging.url`, `inbox.url` (URLs, required): the services; the last is
///   inbound-gateway's internal port.
struct APIGatewayConfig: Sendable {
    let operatorKey: OperatorKey
    let pepper: KeyPepper
    let serviceTokenSecret: String
    let services: [ServiceName: String]
    /// The one that the gateway also calls for itself.
    let messagingURL: String

    init(reader: ConfigReader) async throws {
        self.pepper = try KeyPepper(try await reader.fetchRequiredString(forKey: "key.pepper", isSecret: true))
        self.operatorKey = try OperatorKey(
            try await reader.fetchRequiredString(forKey: "operator.key", isSecret: true),
            pepper: self.pepper
        )
        self.serviceTokenSecret = try await reader.fetchRequiredString(forKey: "service.token.secret", isSecret: true)
        self.messagingURL = try await Self.url("messaging.url", "MESSAGING_URL", reader)
        self.services = [
            .customerService: try await Self.url("customers.url", "CUSTOMERS_URL", reader),
            .conversationService: try await Self.url("conversations.url", "CONVERSATIONS_URL", reader),
            .messagingService: self.messagingURL,
            .inboundGateway: try await Self.url("inbox.url", "INBOX_URL", reader),
        ]
    }

    /// Without a slash at its end.
    private static func url(_ key: ConfigKey, _ name: String, _ reader: ConfigReader) async throws -> String {
        let text = try await reader.fetchRequiredString(forKey: key)
        let schemes = ["http://", "https://"]
        guard let scheme = schemes.first(where: text.hasPrefix), text.count > scheme.count,
            !text.contains(where: { $0 == "?" || $0 == "#" || $0.isWhitespace })
        else { throw ConfigFailure(key: name, reason: "must be a URL like http://messaging-service:8080") }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }
}
