import AsyncHTTPClient
import NIOCore
package import NIOHTTP1
package import Shared

/// Somebody's program that calls the public API with one key.
package struct API: Sendable {
    /// Longer than the gateway gives a batch, so that its answer is seen.
    private static let limit: TimeAmount = .seconds(30)

    package let url: String
    package let key: String?
    /// Is told each answer, with the method and the target that it is to.
    package let observe: (@Sendable (HTTPMethod, String, Answer) -> Void)?

    package init(url: String, key: String?, observe: (@Sendable (HTTPMethod, String, Answer) -> Void)? = nil) {
        self.url = url
        self.key = key
        self.observe = observe
    }

    package struct Answer: Sendable {
        package let status: Int
        package let headers: HTTPHeaders
        package let bytes: [UInt8]

        package var json: JSONValue { (try? JSONValue(parsing: self.bytes)) ?? .null }
        package var text: String { String(decoding: self.bytes, as: UTF8.self) }
        package var id: String { self.json["id"]?.string ?? "" }
        package var code: String { self.json["code"]?.string ?? "" }
    }

    package func with(key: String?) -> API { API(url: self.url, key: key, observe: self.observe) }

    /// The same program, whose answers somebody else is told too.
    package func observed(by other: @escaping @Sendable (HTTPMethod, String, Answer) -> Void) -> API {
        API(url: self.url, key: self.key) { [observe] in
            observe?($0, $1, $2)
            other($0, $1, $2)
        }
    }

    package func get(_ path: String) async throws -> Answer { try await self.send(.GET, path, nil, [:]) }

    package func post(_ path: String, _ body: JSONValue, _ headers: HTTPHeaders = [:]) async throws -> Answer {
        try await self.send(.POST, path, body.bytes, headers)
    }

    package func patch(_ path: String, _ body: JSONValue) async throws -> Answer {
        try await self.send(.PATCH, path, body.bytes, [:])
    }

    package func send(
        _ method: HTTPMethod,
        _ path: String,
        _ body: [UInt8]?,
        _ headers: HTTPHeaders
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: self.url + path)
        request.method = method
        request.headers = headers
        if let key { request.headers.replaceOrAdd(name: "authorization", value: "Bearer \(key)") }
        if let body {
            if !headers.contains(name: "content-type") {
                request.headers.add(name: "content-type", value: "application/json")
            }
            request.body = .bytes(body)
        }
        let response = try await HTTPClient.ofTest.execute(request, timeout: Self.limit)
        let bytes = try await response.body.collect(upTo: 32 << 20)
        let answer = Answer(
            status: Int(response.status.code),
            headers: response.headers,
            bytes: Array(bytes.readableBytesView)
        )
        self.observe?(method, path, answer)
        return answer
    }
}
