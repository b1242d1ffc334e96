import NIOHTTP1
import Shared

/// One call of the public API.
struct APIRequest: Sendable {
    let method: HTTPMethod
    /// From the slash on, its parts already encoded.
    let path: String
    var query: [(name: String, value: String)] = []
    var headers: [(name: String, value: String)] = []
    var body: JSONValue?

    static func get(_ path: String, query: [(name: String, value: String)] = []) -> APIRequest {
        APIRequest(method: .GET, path: path, query: query)
    }

    static func post(_ path: String, _ body: JSONValue = [:]) -> APIRequest {
        APIRequest(method: .POST, path: path, body: body)
    }

    static func patch(_ path: String, _ body: JSONValue) -> APIRequest {
        APIRequest(method: .PATCH, path: path, body: body)
    }

    static func put(_ path: String, _ body: JSONValue) -> APIRequest {
        APIRequest(method: .PUT, path: path, body: body)
    }

    static func delete(_ path: String) -> APIRequest {
        APIRequest(method: .DELETE, path: path)
    }

    /// The path with its query.
    var target: String {
        guard !self.query.isEmpty else { return self.path }
        return self.path + "?"
            + self.query.map { "\(Self.encode($0.name))=\(Self.encode($0.value))" }.joined(separator: "&")
    }

    /// Percent-encodes everything but RFC 3986's unreserved characters, for one part of a path or of a query.
    static func encode(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            let scalar = Unicode.Scalar(byte)
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "-", ".", "_", "~": encoded.unicodeScalars.append(scalar)
            default: encoded += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return encoded
    }
}
