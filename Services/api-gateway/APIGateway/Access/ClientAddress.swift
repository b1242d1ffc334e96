/// Where a request comes from, as a name for counting.
package enum ClientAddress {
    /// An IPv4 address as it is, of an IPv6 address its first 64 bits; one and the same for what has no address.
    package static func text(_ address: String?) -> String {
        guard let address else { return "-" }
        guard address.contains(":"), !address.contains(".") else { return address }
        let head = address.split(separator: "::", maxSplits: 1, omittingEmptySubsequences: false)[0]
        let groups = head.split(separator: ":").map(String.init)
        return (groups + Array(repeating: "0", count: 4)).prefix(4).joined(separator: ":")
    }
}
