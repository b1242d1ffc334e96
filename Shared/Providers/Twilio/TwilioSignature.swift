import Crypto
import Foundation

/// Checks Twilio's `X-Twilio-Signature`.
package enum TwilioSignature {
    /// What the request carried beside its URL.
    package enum Content: Sendable {
        case form(FormParameters)
        /// Twilio signs the URL alone, which names the body's digest in `bodySHA256`.
        case json([UInt8])
    }

    /// Compares in constant time.
    ///
    /// - Parameters:
    ///   - url: the public URL with its query, as Twilio was told it; a default port may be there or not.
    ///   - content: what the body carried.
    ///   - header: base64 of the code.
    ///   - authToken: the account's primary token.
    /// - Throws: why the signature proves nothing.
    package static func verify(
        url: String,
        content: Content,
        header: String?,
        authToken: String?
    ) throws(WebhookSignatureFailure) {
        guard let authToken, !authToken.isEmpty else { throw .notConfigured }
        guard let header else { throw .missing }
        guard let code = Data(base64Encoded: header), code.count == 20 else { throw .malformed }
        let key = SymmetricKey(data: Array(authToken.utf8))
        let suffix: [UInt8]
        switch content {
        case .form(let parameters): suffix = Self.signedText(parameters)
        case .json(let body):
            guard Self.names(digestOf: body, in: url) else { throw .mismatch }
            suffix = []
        }
        let isValid = Self.spellings(of: url).contains { url in
            HMAC<Insecure.SHA1>.isValidAuthenticationCode(code, authenticating: Array(url.utf8) + suffix, using: key)
        }
        guard isValid else { throw .mismatch }
    }

    /// Names in the order of their bytes, each followed by its value; of a name's several values each once, in order.
    ///
    /// By bytes throughout: Swift calls texts equal that differ in Unicode normalization.
    private static func signedText(_ parameters: FormParameters) -> [UInt8] {
        let pairs = parameters.pairs.map { (name: Array($0.name.utf8), value: Array($0.value.utf8)) }
            .sorted { $0.name == $1.name ? Self.precedes($0.value, $1.value) : Self.precedes($0.name, $1.name) }
        var text: [UInt8] = []
        for (index, pair) in pairs.enumerated() where index == 0 || pair != pairs[index - 1] {
            text += pair.name + pair.value
        }
        return text
    }

    private static func precedes(_ left: [UInt8], _ right: [UInt8]) -> Bool { left.lexicographicallyPrecedes(right) }

    private static func names(digestOf body: [UInt8], in url: String) -> Bool {
        guard let query = url.split(separator: "?", maxSplits: 1).dropFirst().first,
            let digest = (try? FormParameters(parsing: query.utf8))?["bodySHA256"],
            let bytes = [UInt8](hex: digest)
        else { return false }
        return SHA256.hash(data: body) == bytes
    }

    /// The URL as it is, and with the default port added or taken away.
    private static func spellings(of url: String) -> [String] {
        guard let scheme = url.range(of: "://") else { return [url] }
        let port = url.hasPrefix("https") ? ":443" : ":80"
        let rest = url[scheme.upperBound...]
        let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
        let authority = rest[..<end]
        let start = String(url[..<scheme.upperBound])
        let path = String(rest[end...])
        if authority.hasSuffix(port) { return [url, start + authority.dropLast(port.count) + path] }
        // A colon outside the brackets of an IPv6 address is a port that is not the default one.
        guard !(authority.split(separator: "]").last ?? "").contains(":") else { return [url] }
        return [url, start + String(authority) + port + path]
    }
}
