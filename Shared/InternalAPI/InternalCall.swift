package import NIOCore
package import NIOHTTP1
package import Shared

/// One request to another service, before it has a token.
struct InternalCall: Sendable {
    let method: HTTPMethod
    let path: InternalPath
    /// Percent-encoded, without `?`.
    let query: String?
    let repeatable: Bool
    var headers = HTTPHeaders()
    var body: ByteBuffer?

    /// A query string of `pairs`; nil when there are none.
    static func encode(_ pairs: [(name: String, value: String)]) -> String? {
        guard !pairs.isEmpty else { return nil }
        return pairs.map { "\(Self.percentEncoded($0.name))=\(Self.percentEncoded($0.value))" }.joined(separator: "&")
    }

    /// Everything but unreserved characters (RFC 3986, section 2.3) as `%XX`.
    private static func percentEncoded(_ text: String) -> String {
        self.escaping(text) { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                true
            default: false
            }
        }
    }

    /// A query as a client sent it, with the bytes that no URL may have as `%XX`.
    static func sanitized(query: String) -> String {
        self.escaping(query) { byte in
            switch byte {
            case 0x21, 0x24...0x3B, 0x3D, 0x3F...0x5A, 0x5F, 0x61...0x7A, 0x7E: true
            default: false
            }
        }
    }

    private static func escaping(_ text: String, where isPlain: (UInt8) -> Bool) -> String {
        if text.utf8.allSatisfy(isPlain) { return text }
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if isPlain(byte) {
                bytes.append(byte)
            } else {
                let hex = String(byte, radix: 16, uppercase: true)
                bytes += "%\(hex.utf8.count == 1 ? "0" : "")\(hex)".utf8
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// What another service answered, undecoded.
package struct InternalAnswer: Sendable {
    package let status: Int
    package let headers: HTTPHeaders
    package let body: ByteBuffer

    package init(status: Int, headers: HTTPHeaders, body: ByteBuffer) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The problem that the body describes; nil when it describes none.
    package var problem: Problem? {
        guard let value = try? JSONValue(parsing: Array(self.body.readableBytesView)), let code = value["code"]?.string,
            let title = value["title"]?.string, (400...599).contains(self.status)
        else { return nil }
        let violations = value["violations"]?.array ?? []
        return Problem(
            code: code,
            status: self.status,
            title: title,
            detail: value["detail"]?.string,
            violations: violations.compactMap { violation in
                guard let pointer = violation["pointer"]?.string, let detail = violation["detail"]?.string else {
                    return nil
                }
                return Problem.Violation(pointer: pointer, detail: detail)
            },
            retryAfterSeconds: self.headers.first(name: "retry-after").flatMap { Int($0) }
        )
    }
}
