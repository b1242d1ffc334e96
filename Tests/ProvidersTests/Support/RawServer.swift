import Foundation
import Glibc
import Synchronization

/// A TCP server on a free port that treats each connection as a test wants it, one after the other.
final class RawServer: Sendable {
    private let listener: Int32
    let port: Int
    private let connections = Mutex(0)

    init(_ serve: @escaping @Sendable (RawConnection) -> Void) throws {
        (self.listener, self.port) = try Self.listen()
        let listener = self.listener
        let thread = Thread { [weak self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { break }
                self?.connections.withLock { $0 += 1 }
                // A connection that is kept open must not keep the next one waiting.
                Thread { serve(RawConnection(socket: connection)) }.start()
            }
            // Here and not in `deinit`: the number would be the next server's, whose connections this thread would take.
            close(listener)
        }
        thread.start()
    }

    deinit {
        shutdown(self.listener, Int32(SHUT_RDWR))
    }

    var url: String { "http://127.0.0.1:\(self.port)" }
    var connectionCount: Int { self.connections.withLock { $0 } }

    /// A port on which nothing listens: it stays bound until the process ends, so that no other test is given it.
    static func closedPort() throws -> Int {
        try self.bound(listening: false).port
    }

    private static func listen() throws -> (socket: Int32, port: Int) {
        try self.bound(listening: true)
    }

    private static func bound(listening: Bool) throws -> (socket: Int32, port: Int) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = unsafe withUnsafeMutablePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                let bound = unsafe bind(listener, address, size)
                return unsafe bound == 0 && (!listening || Glibc.listen(listener, 64) == 0)
                    && getsockname(listener, address, &size) == 0
            }
        }
        guard status else { throw POSIXError(.EADDRINUSE) }
        return (listener, Int(UInt16(bigEndian: address.sin_port)))
    }
}

/// One accepted connection; whoever serves it closes it.
struct RawConnection: Sendable {
    let socket: Int32

    /// Reads one HTTP request with its body; nil when the client closed.
    @discardableResult
    func readRequest() -> String? {
        var bytes: [UInt8] = []
        while true {
            let text = String(decoding: bytes, as: UTF8.self)
            if let head = text.range(of: "\r\n\r\n") {
                let length = text.lowercased().split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
                    .flatMap { Int($0.dropFirst("content-length:".count).trimmingCharacters(in: .whitespaces)) }
                if text[head.upperBound...].utf8.count >= length ?? 0 { return text }
            }
            guard let more = self.read() else { return nil }
            bytes += more
        }
    }

    /// Whatever has come; nil at the end.
    func read() -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = unsafe recv(self.socket, &buffer, buffer.count, 0)
        return count > 0 ? Array(buffer.prefix(count)) : nil
    }

    /// False once the client is gone.
    @discardableResult
    func write(_ text: String) -> Bool { self.write(Array(text.utf8)) }

    @discardableResult
    func write(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe send(self.socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    func answer(_ status: String, _ body: String, headers: String = "") {
        self.write("HTTP/1.1 \(status)\r\ncontent-length: \(body.utf8.count)\r\n\(headers)\r\n\(body)")
    }

    /// Waits until the client is gone.
    func waitForClose() {
        while self.read() != nil {}
    }

    func end() {
        close(self.socket)
    }
}
