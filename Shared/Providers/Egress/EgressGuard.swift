package import Shared

/// Decides whether a host that a tenant chose may be connected to.
///
/// It resolves the name itself, and whoever connects must use one of the addresses it returns: a name that is resolved
/// again may resolve to something else.
package struct EgressGuard: Sendable {
    package enum Refusal: Error, Sendable, Equatable {
        case unresolved(String)
        case notAllowed(String)
    }

    package typealias Resolve = @Sendable (String) throws(Refusal) -> [IPAddress]

    /// Where mail is handed over: relay, submission with implicit TLS, submission, and its usual alternative.
    package static let mailPorts: Set<Int> = [25, 465, 587, 2525]
    /// Where webhooks are taken, always with TLS.
    package static let webhookPorts: Set<Int> = [443, 8443]

    private let allow: [CIDR]
    private let resolve: Resolve
    private let own: @Sendable () -> Set<IPAddress>

    /// - Parameters:
    ///   - allow: ranges that are open although they are not public, for tests and private installations.
    ///   - resolve: asks for the addresses of a name.
    ///   - own: the machine's own addresses: even a public one leads to what only this machine should reach.
    package init(
        allow: [CIDR],
        resolve: @escaping Resolve = AddressResolver.addresses,
        own: @escaping @Sendable () -> Set<IPAddress> = OwnAddresses.all
    ) {
        self.allow = allow
        self.resolve = resolve
        self.own = own
    }

    /// All addresses of the host, in the resolver's order; blocks while it resolves.
    ///
    /// One bad address among good ones refuses the host: which one is used would be left to chance. Ports beyond `ports`
    /// are open only on hosts that lie in the allowed ranges with all their addresses.
    package func addresses(of host: String, port: Int, ports: Set<Int>) throws(Refusal) -> [IPAddress] {
        let addresses: [IPAddress]
        if let literal = IPAddress(host) {
            addresses = [literal]
        } else {
            guard Self.isHostName(host) else { throw .notAllowed("The host is neither a name nor an IP address.") }
            addresses = try self.resolve(host)
        }
        guard !addresses.isEmpty else { throw .unresolved("The host has no address.") }
        guard addresses.allSatisfy({ $0.isPublic || self.isAllowed($0) }) else {
            throw .notAllowed("The host has an address that is not public.")
        }
        let own = self.own()
        guard addresses.allSatisfy({ !own.contains($0.unwrapped) || self.isAllowed($0) }) else {
            throw .notAllowed("The host has an address of this installation.")
        }
        guard ports.contains(port) || addresses.allSatisfy(self.isAllowed) else {
            let list = ports.sorted().map(String.init).joined(separator: ", ")
            throw .notAllowed("The port must be one of \(list).")
        }
        return addresses
    }

    private func isAllowed(_ address: IPAddress) -> Bool {
        self.allow.contains { $0.contains(address.unwrapped) }
    }

    /// Labels of letters, digits and hyphens, the last one not a number: `0x7f.1` and `2130706433` are addresses in disguise.
    private static func isHostName(_ host: String) -> Bool {
        guard (1...253).contains(host.utf8.count) else { return false }
        let name = host.hasSuffix(".") ? host.dropLast() : host[...]
        let labels = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard let last = labels.last, let first = last.first, first.isASCIILetter else { return false }
        return labels.allSatisfy { label in
            (1...63).contains(label.count)
                && label.allSatisfy { $0.isASCIILetter || $0.isASCIIDigit || $0 == UInt8(ascii: "-") }
        }
    }
}
