package import Shared

/// The proxies before this service whose word counts about where a request comes from: `TRUSTED_PROXIES`.
package struct TrustedProxies: Sendable {
    /// More ranges than an installation has proxies; each hop is compared with all of them.
    private static let mostRanges = 64

    private let ranges: [CIDR]

    /// - Parameter text: ranges like `10.0.0.0/8,fd00::1`, with commas between them; empty for none.
    /// - Throws: `ConfigFailure` that names what is no range.
    package init(_ text: String = "") throws(ConfigFailure) {
        var ranges: [CIDR] = []
        for part in text.split(separator: ",") {
            let text = part.filter { $0 != " " }
            guard let range = CIDR(text) else {
                throw ConfigFailure(
                    key: "TRUSTED_PROXIES",
                    reason: "must list ranges like 10.0.0.0/8 with commas; `\(text)` is none"
                )
            }
            // Everyone could name an address of their choice.
            guard range.prefix > 0 else {
                throw ConfigFailure(key: "TRUSTED_PROXIES", reason: "\(range) would trust everybody")
            }
            ranges.append(range)
        }
        guard ranges.count <= Self.mostRanges else {
            throw ConfigFailure(
                key: "TRUSTED_PROXIES",
                reason: "\(ranges.count) ranges are more than \(Self.mostRanges)"
            )
        }
        self.ranges = ranges
    }

    /// Finds out who asks.
    ///
    /// Each proxy adds at the end whom it heard it from, so what stands before an untrusted hop is that hop's own invention.
    /// Where a proxy wrote what is no address, the request comes from that proxy.
    ///
    /// - Parameters:
    ///   - peer: at the other end of the connection.
    ///   - forwarded: the values of all `X-Forwarded-For`, in their order.
    /// - Returns: the last hop that is none of the trusted proxies.
    package func client(of peer: IPAddress, forwarded: [String]) -> IPAddress {
        var client = peer.unwrapped
        guard self.trusts(client) else { return client }
        for hop in forwarded.flatMap({ $0.split(separator: ",", omittingEmptySubsequences: false) }).reversed() {
            guard let address = Self.address(of: hop) else { return client }
            client = address.unwrapped
            guard self.trusts(client) else { return client }
        }
        return client
    }

    private func trusts(_ address: IPAddress) -> Bool { self.ranges.contains { $0.contains(address) } }

    /// An address, as some proxies write it with a port: `192.0.2.1:4711`, `[2001:db8::1]:4711`.
    private static func address(of hop: Substring) -> IPAddress? {
        let words = hop.split { $0 == " " || $0 == "\t" }
        guard words.count == 1, let text = words.first else { return nil }
        if text.first == "[" {
            let parts = text.dropFirst().split(separator: "]", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, parts[1].isEmpty || Self.isPort(parts[1]) else { return nil }
            return IPAddress(String(parts[0])).flatMap { $0.isIPv4 ? nil : $0 }
        }
        guard let colon = text.firstIndex(of: ":"), colon == text.lastIndex(of: ":") else {
            return IPAddress(String(text))
        }
        return Self.isPort(text[colon...]) ? IPAddress(String(text[..<colon])) : nil
    }

    /// Whether it is `:` and a port's number.
    private static func isPort(_ text: Substring) -> Bool {
        (2...6).contains(text.utf8.count) && text.first == ":"
            && text.dropFirst().allSatisfy { $0.isASCII && $0.isNumber }
    }
}
