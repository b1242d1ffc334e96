import Foundation
import Glibc
import Synchronization

/// A request as it came over the wire.
struct FakeRequest: Sendable {
    let method: String
    let target: String
    /// By name in lower case.
    let headers: [String: String]
    let body: String
}

struct FakeAnswer: Sendable {
    var status = 200
    var headers: [String: String] = ["content-type": "application/json"]
    var body = ""
}

/// An HTTP server on a free port that answers as a test wants, one request to a connection.
final class FakeAPI: Sendable {
    private let listener: Int32
    private let port: UInt16
    private let log = Mutex<[FakeRequest]>([])

    /// Starts to listen; an answer of nil closes the connection without a byte.
    init(_ answer: @escaping @Sendable (FakeRequest) -> FakeAnswer?) throws {
        (self.listener, self.port) = try Self.listen()
        let listener = self.listener
        Thread { [weak self] in
            while case let connection = accept(listener, nil, nil), connection >= 0 {
                if let request = FakeConnection(socket: connection).readRequest() {
                    self?.log.withLock { $0.append(request) }
                    if let answer = answer(request) { FakeConnection(socket: connection).write(answer) }
                }
                close(connection)
            }
            // Here and not in `deinit`: the number would be the next server's, whose connections this thread would take.
            close(listener)
        }.start()
    }

    /// Gives the answers one after another; the last one stays.
    convenience init(answers: [FakeAnswer?]) throws {
        let rest = FakeAnswers(answers)
        try self.init { _ in rest.next() }
    }

    deinit {
        shutdown(self.listener, Int32(SHUT_RDWR))
    }

    var url: String { "http://127.0.0.1:\(self.port)" }
    var requests: [FakeRequest] { self.log.withLock { $0 } }

    /// An address at which nothing listens.
    static func closedURL() throws -> String {
        let (listener, port) = try self.listen()
        close(listener)
        return "http://127.0.0.1:\(port)"
    }

    private static func listen() throws -> (Int32, UInt16) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listens = unsafe withUnsafeMutablePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bind(listener, address, size) == 0 && Glibc.listen(listener, 16) == 0
                    && getsockname(listener, address, &size) == 0
            }
        }
        guard listens else { throw POSIXError(.EADDRINUSE) }
        return (listener, UInt16(bigEndian: address.sin_port))
    }
}

/// Answers that are still to be given.
private final class FakeAnswers: Sendable {
    private let rest: Mutex<[FakeAnswer?]>

    init(_ answers: [FakeAnswer?]) {
        self.rest = Mutex(answers)
    }

    func next() -> FakeAnswer? {
        self.rest.withLock { rest in
            if rest.count > 1 { return rest.removeFirst() }
            return rest.first ?? nil
        }
    }
}

/// One accepted connection.
private struct FakeConnection {
    let socket: Int32

    /// Nil when the client leaves before the whole request has come.
    func readRequest() -> FakeRequest? {
        var bytes: [UInt8] = []
        while true {
            if let request = Self.parse(String(decoding: bytes, as: UTF8.self)) { return request }
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = unsafe recv(self.socket, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            bytes += buffer.prefix(count)
        }
    }

    func write(_ answer: FakeAnswer) {
        var head =
            "HTTP/1.1 \(answer.status) Status\r\ncontent-length: \(answer.body.utf8.count)\r\nconnection: close\r\n"
        for header in answer.headers { head += "\(header.key): \(header.value)\r\n" }
        var rest = Array((head + "\r\n" + answer.body).utf8)[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe send(self.socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    private static func parse(_ text: String) -> FakeRequest? {
        guard let end = text.range(of: "\r\n\r\n") else { return nil }
        var lines = text[..<end.lowerBound].components(separatedBy: "\r\n")[...]
        let words = (lines.popFirst() ?? "").split(separator: " ").map(String.init)
        guard words.count == 3 else { return nil }
        var headers: [String: String] = [:]
        for line in lines {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] = parts.last.map { $0.trimmingCharacters(in: .whitespaces) }
        }
        let body = String(text[end.upperBound...])
        guard body.utf8.count >= headers["content-length"].flatMap({ Int($0) }) ?? 0 else { return nil }
        return FakeRequest(method: words[0], target: words[1], headers: headers, body: body)
    }
}
