import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1

/// Calls one server over a bounded number of connections.
struct LoadClient: Sendable {
    /// Longer than the gateway lets a request take; a batch of 1,000 may take some seconds.
    private static let timeout = TimeAmount.seconds(30)
    /// The stub's ledger of 100,000 messages with their requests.
    private static let answerBytes = 512 << 20

    let baseURL: String
    let key: String?
    private let http: HTTPClient

    /// Opens a client for the time of `body`.
    static func with<Result>(
        _ baseURL: String,
        key: String? = nil,
        connections: Int,
        _ body: (LoadClient) async throws -> Result
    ) async throws -> Result {
        var configuration = HTTPClient.Configuration()
        configuration.timeout = .init(connect: .seconds(5))
        configuration.redirectConfiguration = .disallow
        configuration.httpVersion = .http1Only
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connections
        configuration.connectionPool.retryConnectionEstablishment = false
        let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let client = LoadClient(baseURL: TargetOptions.trimmed(baseURL), key: key, http: http)
        do {
            let result = try await body(client)
            try await http.shutdown()
            return result
        } catch {
            try? await http.shutdown()
            throw error
        }
    }

    /// The same connections, with another key.
    func with(key: String) -> LoadClient { LoadClient(baseURL: self.baseURL, key: key, http: self.http) }

    func get(_ path: String) async throws(LoadFailure) -> LoadAnswer {
        try await self.execute(self.request(path))
    }

    func post(_ path: String, _ body: ByteBuffer, idempotencyKey: String? = nil) async throws(LoadFailure) -> LoadAnswer
    {
        try await self.send(.POST, path, body, idempotencyKey.map { ("idempotency-key", $0) })
    }

    func put(_ path: String, _ body: ByteBuffer) async throws(LoadFailure) -> LoadAnswer {
        try await self.send(.PUT, path, body)
    }

    func patch(_ path: String, _ body: ByteBuffer) async throws(LoadFailure) -> LoadAnswer {
        try await self.send(.PATCH, path, body)
    }

    func delete(_ path: String) async throws(LoadFailure) -> LoadAnswer {
        var request = self.request(path)
        request.method = .DELETE
        return try await self.execute(request)
    }

    /// Posts what a provider signed.
    func post(_ path: String, _ body: ByteBuffer, signature: String) async throws(LoadFailure) -> LoadAnswer {
        try await self.send(.POST, path, body, ("x-hub-signature-256", signature))
    }

    private func send(
        _ method: HTTPMethod,
        _ path: String,
        _ body: ByteBuffer,
        _ header: (name: String, value: String)? = nil
    ) async throws(LoadFailure) -> LoadAnswer {
        var request = self.request(path)
        request.method = method
        request.headers.add(name: "content-type", value: "application/json")
        if let header { request.headers.add(name: header.name, value: header.value) }
        request.body = .bytes(body)
        return try await self.execute(request)
    }

    private func request(_ path: String) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: self.baseURL + path)
        if let key { request.headers.add(name: "authorization", value: "Bearer \(key)") }
        return request
    }

    private func execute(_ request: HTTPClientRequest) async throws(LoadFailure) -> LoadAnswer {
        do {
            let response = try await self.http.execute(request, timeout: Self.timeout)
            let body = try await response.body.collect(upTo: Self.answerBytes)
            return LoadAnswer(
                status: Int(response.status.code),
                body: Data(buffer: body),
                retryAfter: response.headers.first(name: "retry-after")
            )
        } catch {
            // What NIO throws then is no type of ours to name; its text has the system's own words.
            let text = "\(error)"
            let reason = text.contains("Connection refused") ? "nothing listens there" : String(text.prefix(200))
            throw LoadFailure("\(self.baseURL) gives no answer: \(reason).")
        }
    }
}
