import Foundation

/// What an organization sets up to take its messages by webhook: the rules, which know nothing of sending.
package enum WebhookEndpoint {
    package static let longestURL = 2048
    package static let urlRule =
        "must be an http or https URL of at most \(Self.longestURL) ASCII characters, without a user and a fragment"
    package static let secretRule =
        "must be whsec_ and base64 of 24 to 64 bytes, or 16 to 256 ASCII characters without spaces"

    /// Whether it can be posted to at all; whether it may be is for the egress guard to say.
    package static func isURL(_ text: String) -> Bool {
        guard text.utf8.count <= Self.longestURL, Self.isGraphic(text), let parts = URLComponents(string: text),
            let scheme = parts.scheme?.lowercased(), scheme == "https" || scheme == "http"
        else { return false }
        return !(parts.host ?? "").isEmpty && parts.user == nil && parts.password == nil && parts.fragment == nil
            && (1...65_535).contains(parts.port ?? 443)
    }

    /// Whether a text may become an account's secret; shorter ones that are in use still sign and verify.
    package static func isSecret(_ text: String) -> Bool {
        let prefix = "whsec_"
        guard text.hasPrefix(prefix) else { return (16...256).contains(text.utf8.count) && Self.isGraphic(text) }
        let key = Data(base64Encoded: String(text.dropFirst(prefix.count)))
        return key.map { (24...64).contains($0.count) } ?? false
    }

    private static func isGraphic(_ text: String) -> Bool { text.utf8.allSatisfy { (0x21...0x7E).contains($0) } }
}
