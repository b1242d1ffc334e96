import Foundation
import Glibc
import Installation
import Synchronization
import TestClient

/// A mail server that takes a message and then says nothing, until it is told to answer: nobody can know.
final class SilentMailServer: Sendable {
    private struct State {
        var taken: [String] = []
        var answers = false
    }

    let port: Int
    private let listener: Int32
    private let state = Mutex(State())

    init() throws {
        self.port = try FreePort.find()
        self.listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(self.port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let listener = self.listener
        let listens = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bind(listener, address, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            } && Glibc.listen(listener, 64) == 0
        }
        guard listens else { throw Unusable("The mail server of the test can not listen on port \(self.port).") }
        Thread { [weak self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0, let self else { break }
                Thread { self.serve(connection) }.start()
            }
            // Here and not in `deinit`: the number would be the next server's, whose connections this thread would take.
            close(listener)
        }.start()
    }

    deinit {
        shutdown(self.listener, Int32(SHUT_RDWR))
    }

    /// The recipient of each message that was taken, in order.
    var taken: [String] { self.state.withLock { $0.taken } }

    /// From now on every message that is taken is also acknowledged.
    func answer() { self.state.withLock { $0.answers = true } }

    /// One connection: the commands of RFC 5321, and a message that ends with a line of one dot.
    private func serve(_ connection: Int32) {
        defer { close(connection) }
        var lines = LineReader(connection: connection)
        var recipient = ""
        self.write("220 sink ESMTP", to: connection)
        while let line = lines.next() {
            switch line.uppercased().prefix(4) {
            case "RCPT":
                recipient = line.split(separator: "<").last?.split(separator: ">").first.map(String.init) ?? ""
                self.write("250 OK", to: connection)
            case "DATA":
                self.write("354 Go ahead", to: connection)
                while let part = lines.next(), part != "." {}
                guard lines.isOpen else { return }
                let answers = self.state.withLock { state in
                    state.taken.append(recipient)
                    return state.answers
                }
                if answers { self.write("250 Taken", to: connection) }
            case "QUIT":
                return self.write("221 Bye", to: connection)
            default:
                self.write("250 OK", to: connection)
            }
        }
    }

    private func write(_ line: String, to connection: Int32) {
        let bytes = Array("\(line)\r\n".utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    }
}

/// The lines that come over a connection, without their ends.
private struct LineReader {
    let connection: Int32
    private(set) var isOpen = true
    private var waiting: [UInt8] = []

    init(connection: Int32) {
        self.connection = connection
    }

    /// Waits for the next line; nil at the end.
    mutating func next() -> String? {
        while true {
            if let end = self.waiting.firstIndex(of: UInt8(ascii: "\n")) {
                let line = self.waiting[..<end].filter { $0 != UInt8(ascii: "\r") }
                self.waiting.removeSubrange(...end)
                return String(decoding: line, as: UTF8.self)
            }
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = unsafe recv(self.connection, &buffer, buffer.count, 0)
            guard count > 0 else {
                self.isOpen = false
                return nil
            }
            self.waiting += buffer.prefix(count)
        }
    }
}
