import Configuration
import Logging
import Shared

/// Where recipients reach inbound-gateway.
///
/// Key: `public.inbound.url` (URL, default `http://127.0.0.1:8081`, with a warning): without a query.
enum PublicURL {
    static func read(_ reader: ConfigReader, logger: Logger) throws(ConfigFailure) -> String {
        guard let text = reader.string(forKey: "public.inbound.url"), !text.isEmpty else {
            logger.warning("PUBLIC_INBOUND_URL is not set: only people on this host can unsubscribe")
            return "http://127.0.0.1:8081"
        }
        guard ["http://", "https://"].contains(where: text.hasPrefix),
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !"?#<>\"'&".utf8.contains($0) })
        else {
            throw ConfigFailure(
                key: "PUBLIC_INBOUND_URL",
                reason: "must be a URL like https://hooks.example.com, without a query"
            )
        }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }
}
