import Foundation

/// An IPv4 or IPv6 address.
package struct IPAddress: Hashable, Sendable, LosslessStringConvertible {
    /// 4 or 16, in network order.
    package let bytes: [UInt8]

    /// - Parameter bytes: 4 or 16, in network order; nil for another count.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        self.bytes = bytes
    }

    /// Takes four decimal numbers, or IPv6 as RFC 4291 writes it; no octal, no zone, no brackets.
    package init?(_ description: String) {
        // C would not read what comes after it.
        guard !description.utf8.contains(0) else { return nil }
        for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: count)
            if unsafe inet_pton(family, description, &bytes) == 1 {
                self.bytes = bytes
                return
            }
        }
        return nil
    }

    package var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = self.isIPv4 ? AF_INET : AF_INET6
        unsafe inet_ntop(family, self.bytes, &text, socklen_t(text.count))
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
    }

    package var isIPv4: Bool { self.bytes.count == 4 }

    /// The IPv4 address itself where IPv6 only wraps it (`::ffff:10.0.0.1`): the kernel connects to the same host.
    package var unwrapped: IPAddress {
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
        guard !self.isIPv4, self.bytes.starts(with: mapped) else { return self }
        return IPAddress(bytes: Array(self.bytes.suffix(4))) ?? self
    }
}
