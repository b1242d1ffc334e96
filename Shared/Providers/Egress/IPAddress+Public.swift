package import Shared

extension IPAddress {
    /// Whether the address belongs to a host of the public internet.
    ///
    /// - Source: IANA's registries of special-purpose addresses for IPv4 and IPv6, as of 2026.
    package var isPublic: Bool {
        let address = self.unwrapped
        if address.isIPv4 {
            return !Self.specialIPv4.contains { $0.contains(address) }
        }
        // All that IANA has given out as global unicast; loopback, link-local, ULA, NAT64 and multicast lie outside.
        return Self.globalIPv6.contains { $0.contains(address) } && !Self.specialIPv6.contains { $0.contains(address) }
    }

    private static let specialIPv4 = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
    ].compactMap(CIDR.init)

    private static let globalIPv6 = ["2000::/3"].compactMap(CIDR.init)

    /// Inside `2000::/3`: protocol assignments with Teredo, documentation, and 6to4, which wraps an IPv4 address.
    private static let specialIPv6 = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"].compactMap(CIDR.init)
}
