import Configuration
import Providers
import Shared

extension ProvidersConfig {
    /// Where attachments are fetched from, by the same settings as those of outbound-worker.
    ///
    /// Keys:
    /// - `whatsapp.api.url`, `twilio.api.url` (formerly `sms.api.url`): the real ones unless told.
    /// - `egress.allow`: ranges beside the public ones that may be reached, like `10.0.0.0/8,127.0.0.1`; none unless told.
    init(mediaFrom reader: ConfigReader) throws(ConfigFailure) {
        // No provider is told to call back.
        self.init(publicInboundURL: "")
        if let url = try Self.url("whatsapp.api.url", reader) { self.whatsappURL = url }
        for key: ConfigKey in ["sms.api.url", "twilio.api.url"] {
            if let url = try Self.url(key, reader) { self.twilioURL = url }
        }
        for range in (reader.string(forKey: "egress.allow") ?? "").split(separator: ",") {
            let text = range.filter { $0 != " " }
            guard let range = CIDR(text) else {
                throw ConfigFailure(
                    key: "egress.allow",
                    reason: "must list ranges like 10.0.0.0/8 with commas; `\(text)` is none"
                )
            }
            self.egressAllow.append(range)
        }
    }

    /// Without a slash at its end; an empty value counts as absent.
    private static func url(_ key: ConfigKey, _ reader: ConfigReader) throws(ConfigFailure) -> String? {
        guard let text = reader.string(forKey: key), !text.isEmpty else { return nil }
        guard text.hasPrefix("https://") || text.hasPrefix("http://") else {
            throw ConfigFailure(key: "\(key)", reason: "must be an address that starts with http:// or https://")
        }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }
}
