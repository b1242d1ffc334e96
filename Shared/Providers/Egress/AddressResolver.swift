import Glibc
package import Shared

/// Resolves names as the machine is configured to.
package enum AddressResolver {
    /// Blocks, for as long as the machine's resolver is set to wait (usually 10 s at most).
    @Sendable package static func addresses(of host: String) throws(EgressGuard.Refusal) -> [IPAddress] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = unsafe getaddrinfo(host, nil, &hints, &list)
        guard status == 0 else {
            throw .unresolved(unsafe String(cString: gai_strerror(status)))
        }
        defer { unsafe freeaddrinfo(list) }
        var addresses: [IPAddress] = []
        var next = unsafe list
        while let entry = unsafe next {
            if let address = unsafe IPAddress(entry.pointee.ai_addr), !addresses.contains(address) {
                addresses.append(address)
            }
            unsafe next = unsafe entry.pointee.ai_next
        }
        return addresses
    }
}

extension IPAddress {
    /// Nil for a family that is neither IPv4 nor IPv6.
    init?(_ address: UnsafeMutablePointer<sockaddr>?) {
        guard let address = unsafe address else { return nil }
        let raw = UnsafeMutableRawPointer(address)
        switch unsafe Int32(address.pointee.sa_family) {
        case AF_INET:
            var bytes = unsafe raw.load(as: sockaddr_in.self).sin_addr
            self.init(bytes: unsafe withUnsafeBytes(of: &bytes) { unsafe Array($0) })
        case AF_INET6:
            var bytes = unsafe raw.load(as: sockaddr_in6.self).sin6_addr
            self.init(bytes: unsafe withUnsafeBytes(of: &bytes) { unsafe Array($0) })
        default: return nil
        }
    }
}
