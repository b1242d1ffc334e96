import DequeModule
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// Posts over HTTP/1.1 to a server of this machine, for much less than a client for every purpose takes of it.
///
/// What measures shares the processors with what it measures: five times as many requests as can be answered must not
/// take from the answers.
final class BareClient: PostsMessages {
    /// Longer than the gateway lets a request take; a connection that nobody uses for as long is closed.
    private static let timeout = TimeAmount.seconds(30)

    private struct State {
        var idle: [BareConnection] = []
        var open = 0
        /// Each gets a connection, or nil for leave to open one.
        var waiting: Deque<CheckedContinuation<BareConnection?, Never>> = []
    }

    private let host: String
    private let port: Int
    private let headers: HTTPHeaders
    private let connections: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - baseURL: `http://<address>:<port>`.
    ///   - key: an API key.
    ///   - connections: at most; each is opened when it is needed, and closed when nobody has needed it for 30 s.
    /// - Throws: `LoadFailure` for another kind of URL.
    init(_ baseURL: String, key: String, connections: Int) throws(LoadFailure) {
        guard let url = URLComponents(string: baseURL), url.scheme == "http", let host = url.host, let port = url.port
        else { throw LoadFailure("\(baseURL) is not like http://127.0.0.1:8080.") }
        self.host = host
        self.port = port
        self.headers = [
            "host": "\(host):\(port)", "authorization": "Bearer \(key)", "content-type": "application/json",
        ]
        self.connections = connections
    }

    func post(
        _ path: String,
        _ body: ByteBuffer,
        idempotencyKey: String? = nil
    ) async throws(LoadFailure) -> LoadAnswer {
        var headers = self.headers
        headers.add(name: "content-length", value: "\(body.readableBytes)")
        if let idempotencyKey { headers.add(name: "idempotency-key", value: idempotencyKey) }
        let head = HTTPRequestHead(version: .http1_1, method: .POST, uri: path, headers: headers)
        var connection: BareConnection?
        defer { self.put(back: connection) }
        do {
            connection = try await self.connection()
            guard let connection else { throw BareConnection.Closed() }
            return try await connection.send(head, body)
        } catch {
            throw LoadFailure("http://\(self.host):\(self.port) gives no answer: \(error).")
        }
    }

    private func connection() async throws -> BareConnection {
        while let connection = await self.take() {
            if connection.isOpen { return connection }
            self.state.withLock { $0.open -= 1 }
        }
        return try await BareConnection.open(self.host, self.port, timeout: Self.timeout)
    }

    /// One that is idle, or nil for leave to open one.
    private func take() async -> BareConnection? {
        await withCheckedContinuation { continuation in
            let taken: BareConnection?? = self.state.withLock { state in
                if let idle = state.idle.popLast() { return idle }
                guard state.open < self.connections else {
                    state.waiting.append(continuation)
                    return nil
                }
                state.open += 1
                return .some(nil)
            }
            if let taken { continuation.resume(returning: taken) }
        }
    }

    /// Passes on a connection, or leave to open another one in its place.
    private func put(back connection: BareConnection?) {
        let connection = connection.flatMap { $0.isOpen ? $0 : nil }
        let next = self.state.withLock { state in
            let next = state.waiting.popFirst()
            guard next == nil else { return next }
            if let connection { state.idle.append(connection) } else { state.open -= 1 }
            return nil
        }
        next?.resume(returning: connection)
    }
}
