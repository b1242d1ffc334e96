import Glibc
import Synchronization

/// Ports that nobody listens on, each given once.
///
/// They lie below those that the system takes for outgoing calls: a program that was killed must find its own port free when it
/// is started again, and not taken by somebody's call.
package enum FreePort {
    package struct NotFound: Error {}

    private static let range = 10_000..<20_000
    private static let given = Mutex<Set<Int>>([])

    package static func find() throws -> Int {
        for _ in 0..<200 {
            let port = Int.random(in: Self.range)
            guard Self.given.withLock({ $0.insert(port).inserted }), Self.isFree(port) else { continue }
            return port
        }
        throw NotFound()
    }

    private static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bind(descriptor, address, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
