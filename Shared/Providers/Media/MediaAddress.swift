import Foundation

/// The address of a file, as far as it may be asked at all.
struct MediaAddress: Sendable {
    let isSecure: Bool
    /// In small letters, without brackets.
    let host: String
    let port: Int
    /// Complete, with the host as it stands here.
    let text: String

    /// - Throws: `MediaRefusal` `notAllowed` for what is no `http` or `https` address, or names a user.
    init(_ text: String) throws(MediaRefusal) {
        guard var parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            scheme == "https" || scheme == "http", let host = parts.host?.lowercased(), !host.isEmpty
        else { throw .notAllowed("Its address is no http or https address.") }
        guard parts.user == nil, parts.password == nil else { throw .notAllowed("Its address names a user.") }
        parts.scheme = scheme
        parts.host = host
        parts.fragment = nil
        guard let text = parts.string else { throw .notAllowed("Its address is no http or https address.") }
        self.isSecure = scheme == "https"
        self.host = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        self.port = parts.port ?? (scheme == "https" ? 443 : 80)
        self.text = text
    }

    /// Where a redirect from here leads.
    func following(_ location: String) throws(MediaRefusal) -> MediaAddress {
        guard let url = URL(string: location, relativeTo: URL(string: self.text)) else {
            throw .notAllowed("It was redirected to what is no address.")
        }
        return try MediaAddress(url.absoluteString)
    }

    /// Whether the same server answers, so that it may be told the same secret.
    func hasOrigin(of other: MediaAddress) -> Bool {
        self.isSecure == other.isSecure && self.host == other.host && self.port == other.port
    }
}
