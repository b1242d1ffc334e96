import NIOHTTP1
import Shared

/// What the API said.
struct APIAnswer: Sendable {
    let status: Int
    let headers: HTTPHeaders
    let body: [UInt8]

    /// The body; nil when it is no JSON.
    var json: JSONValue? { try? JSONValue(parsing: self.body) }

    /// Seconds, on 429 and 503.
    var retryAfter: String? { self.headers.first(name: "retry-after") }

    var requestID: String? { self.headers.first(name: "x-request-id") }

    var text: String { String(decoding: self.body, as: UTF8.self) }
}
