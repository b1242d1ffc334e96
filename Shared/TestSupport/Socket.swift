import Foundation

/// The few socket calls of `Proxy`, on 127.0.0.1.
enum Socket {
    struct Failure: Error {
        let call: String
        let code: Int32
    }

    static func make() -> Int32? {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        return socket < 0 ? nil : socket
    }

    static func listen(on port: Int) throws -> Int32 {
        guard let socket = Self.make() else { throw Failure(call: "socket", code: errno) }
        var yes: Int32 = 1
        unsafe setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard unsafe Self.withAddress(port, { unsafe bind(socket, $0, $1) }) == 0 else {
            throw Failure(call: "bind", code: errno)
        }
        guard Glibc.listen(socket, 128) == 0 else { throw Failure(call: "listen", code: errno) }
        return socket
    }

    static func port(of socket: Int32) -> Int {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                _ = unsafe getsockname(socket, pointer, &length)
            }
        }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    static func accept(on listener: Int32) -> Int32? {
        let socket = Glibc.accept(listener, nil, nil)
        return socket < 0 ? nil : socket
    }

    static func connect(to port: Int) -> Int32? {
        guard let socket = Self.make() else { return nil }
        guard unsafe Self.withAddress(port, { unsafe Glibc.connect(socket, $0, $1) }) == 0 else {
            Self.close(socket)
            return nil
        }
        return socket
    }

    /// Nil at the end of the stream, or when the socket was shut down.
    static func read(_ socket: Int32) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe Glibc.read(socket, &bytes, bytes.count)
        return count > 0 ? Array(bytes.prefix(count)) : nil
    }

    static func write(_ bytes: [UInt8], to socket: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            // A closed peer is an error here, not the signal SIGPIPE.
            let count = unsafe rest.withUnsafeBytes { bytes in
                unsafe send(socket, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// Wakes whoever waits in a call on this socket, which closing would not.
    static func shutDown(_ socket: Int32) {
        _ = shutdown(socket, Int32(SHUT_RDWR))
    }

    static func close(_ socket: Int32) {
        Self.shutDown(socket)
        _ = Glibc.close(socket)
    }

    private static func withAddress(_ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
        return unsafe withUnsafePointer(to: address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe body(pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
