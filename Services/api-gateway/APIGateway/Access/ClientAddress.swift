package import Shared

/// Where a request comes from.
package struct ClientAddress: Sendable, Equatable {
    /// As logs and the trail show it; `-` for what has no address.
    package let text: String
    /// As guesses are counted: an IPv4 address as it is, of an IPv6 address its network, since one subscriber has 2^64
    /// addresses.
    package let counted: String

    var isKnown: Bool { self.text != Self.unknown }
    private static let unknown = "-"

    package init(_ address: IPAddress?) {
        self.text = address?.description ?? Self.unknown
        guard let address, !address.isIPv4 else {
            self.counted = self.text
            return
        }
        let network = IPAddress(bytes: address.bytes.prefix(8) + [UInt8](repeating: 0, count: 8))
        self.counted = network?.description ?? self.text
    }
}
