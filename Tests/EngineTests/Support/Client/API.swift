import AsyncHTTPClient
import Foundation
import InternalAPI
import NIOCore
import NIOHTTP1
import Shared

/// Somebody's program that calls the public API with one key.
struct API: Sendable {
    /// For all tests: it lives as long as the process, and opens as many connections as a test has calls under way.
    private static let client = HTTPClient.internal(connections: 256)
    /// Longer than the gateway gives a batch, so that its answer is seen.
    private static let limit: TimeAmount = .seconds(30)

    let url: String
    let key: String?

    struct Answer: Sendable {
        let status: Int
        let headers: HTTPHeaders
        let bytes: [UInt8]

        var json: JSONValue { (try? JSONValue(parsing: self.bytes)) ?? .null }
        var text: String { String(decoding: self.bytes, as: UTF8.self) }
        var id: String { self.json["id"]?.string ?? "" }
        var code: String { self.json["code"]?.string ?? "" }
    }

    func with(key: String?) -> API { API(url: self.url, key: key) }

    func get(_ path: String) async throws -> Answer { try await self.send(.GET, path, nil, [:]) }

    func post(_ path: String, _ body: JSONValue, _ headers: HTTPHeaders = [:]) async throws -> Answer {
        try await self.send(.POST, path, body.bytes, headers)
    }

    func send(_ method: HTTPMethod, _ path: String, _ body: [UInt8]?, _ headers: HTTPHeaders) async throws -> Answer {
        var request = HTTPClientRequest(url: self.url + path)
        request.method = method
        request.headers = headers
        if let key { request.headers.replaceOrAdd(name: "authorization", value: "Bearer \(key)") }
        if let body {
            request.headers.replaceOrAdd(name: "content-type", value: "application/json")
            request.body = .bytes(body)
        }
        let response = try await Self.client.execute(request, timeout: Self.limit)
        let bytes = try await response.body.collect(upTo: 32 << 20)
        return Answer(
            status: Int(response.status.code),
            headers: response.headers,
            bytes: Array(bytes.readableBytesView)
        )
    }

    /// Whether the process on this port can work; false while there is none.
    func isReady() async throws -> Bool {
        try Task.checkCancellation()
        return (try? await self.get("/readyz"))?.status == 200
    }
}
