import Configuration
import Shared

/// What this service reads from its environment, besides the database (`POSTGRES_…`) and the server (`HTTP_…`).
///
/// Keys:
/// - `operator.key` (string of at least 16 characters, required, secret): manages organizations.
/// - `key.pepper` (string of at least 32 bytes, required, secret): under which API keys are stored. Another one ends all keys.
/// - `service.token.secret` (string of at least 32 bytes, required, secret): signs our calls to other services.
/// - `rate.limit.per.second` (int, default 50000, 1 to 100000), `rate.limit.burst` (int, default 100000, 1 to 200000): requests
///   of an organization that has no limit of its own. The defaults are more than one gateway can serve.
/// - `trusted.proxies` (ranges with commas between them, default none): whose `X-Forwarded-For` is believed.
/// - `customers.url`, `conversations.url`, `messaging.url`, `inbox.url` (URLs, required): the services; the last is
///   inbound-gateway's internal port.
struct APIGatewayConfig: Sendable {
    let operatorKey: OperatorKey
    let pepper: KeyPepper
    let serviceTokenSecret: String
    let rateLimit: RateLimit
    let proxies: TrustedProxies
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
        self.rateLimit = RateLimit(
            perSecond: try await Self.int(
                "rate.limit.per.second",
                "RATE_LIMIT_PER_SECOND",
                RateLimit.perSecondRange,
                default: 50_000,
                reader
            ),
            burst: try await Self.int(
                "rate.limit.burst",
                "RATE_LIMIT_BURST",
                RateLimit.burstRange,
                default: 100_000,
                reader
            )
        )
        self.proxies = try TrustedProxies(reader.string(forKey: "trusted.proxies", default: ""))
        self.messagingURL = try await Self.url("messaging.url", "MESSAGING_URL", reader)
        self.services = [
            .customerService: try await Self.url("customers.url", "CUSTOMERS_URL", reader),
            .conversationService: try await Self.url("conversations.url", "CONVERSATIONS_URL", reader),
            .messagingService: self.messagingURL,
            .inboundGateway: try await Self.url("inbox.url", "INBOX_URL", reader),
        ]
    }

    private static func int(
        _ key: ConfigKey,
        _ name: String,
        _ range: ClosedRange<Int>,
        default ordinary: Int,
        _ reader: ConfigReader
    ) async throws -> Int {
        let value = try await reader.fetchInt(forKey: key, default: ordinary)
        guard range.contains(value) else {
            throw ConfigFailure(key: name, reason: "\(value) is outside \(range.lowerBound)...\(range.upperBound)")
        }
        return value
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
