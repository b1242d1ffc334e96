import Foundation

/// A TCP connection without a client's manners.
package struct RawSocket: Sendable {
    private let descriptor: Int32

    package struct Failure: Error {}

    package init(port: Int) throws {
        self.descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        // A test that waits longer than this has failed.
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        unsafe setsockopt(self.descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(self.descriptor, $0, size)
            }
        }
        guard result == 0 else { throw Failure() }
    }

    /// - Returns: whether all of it was taken.
    @discardableResult package func send(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let sent = unsafe rest.withUnsafeBytes { bytes in
                unsafe Foundation.send(self.descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            }
            guard sent > 0 else { return false }
            rest = rest.dropFirst(sent)
        }
        return true
    }

    @discardableResult package func send(_ text: String) -> Bool { self.send(Array(text.utf8)) }

    /// Reads until the other side closes; nil after 20 seconds.
    package func readAll() async -> String? {
        await self.blocking {
            var all: [UInt8] = []
            while true {
                guard let bytes = self.receive() else { return nil }
                if bytes.isEmpty { return String(decoding: all, as: UTF8.self) }
                all += bytes
            }
        }
    }

    /// Reads until `text` has arrived; nil when the other side closes first.
    package func read(until text: String) async -> String? {
        await self.blocking {
            var all: [UInt8] = []
            while true {
                guard let bytes = self.receive(), !bytes.isEmpty else { return nil }
                all += bytes
                let soFar = String(decoding: all, as: UTF8.self)
                if soFar.contains(text) { return soFar }
            }
        }
    }

    package func finish() {
        close(self.descriptor)
    }

    /// Empty at the end, also when the other side broke the connection off; nil after 20 seconds.
    private func receive() -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 16384)
        let count = unsafe buffer.withUnsafeMutableBytes { unsafe recv(self.descriptor, $0.baseAddress, $0.count, 0) }
        if count < 0 { return errno == EAGAIN ? nil : [] }
        return Array(buffer.prefix(count))
    }

    private func blocking<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: body()) }
        }
    }
}
