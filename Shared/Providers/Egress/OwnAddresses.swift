import Glibc
package import Shared

/// The addresses of this machine's network interfaces.
package enum OwnAddresses {
    /// Asks the kernel each time, because addresses come and go; none where it does not say.
    @Sendable package static func all() -> Set<IPAddress> {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard unsafe getifaddrs(&list) == 0 else { return [] }
        defer { unsafe freeifaddrs(list) }
        var addresses: Set<IPAddress> = []
        var next = unsafe list
        while let entry = unsafe next {
            if let address = unsafe IPAddress(entry.pointee.ifa_addr) { addresses.insert(address) }
            unsafe next = unsafe entry.pointee.ifa_next
        }
        return addresses
    }
}
