package import HTTPTypes
package import Hummingbird
import NIOCore
package import Shared

/// An answer of one of our types, as JSON.
package struct JSONResponse: ResponseGenerator {
    private let status: HTTPResponse.Status
    private let value: any Encodable & Sendable
    private let headers: HTTPFields

    package init(_ status: HTTPResponse.Status = .ok, _ value: some Encodable & Sendable, headers: HTTPFields = [:]) {
        self.status = status
        self.value = value
        self.headers = headers
    }

    package func response(from request: Request, context: some RequestContext) throws -> Response {
        let body = try InternalJSON.encode(self.value)
        return RawJSON.response(ByteBuffer(bytes: body), self.status, self.headers)
    }
}

/// An answer that is JSON already.
package struct RawJSON: ResponseGenerator {
    private let status: HTTPResponse.Status
    private let bytes: ByteBuffer
    private let headers: HTTPFields

    package init(_ bytes: [UInt8], status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) {
        self.status = status
        self.bytes = ByteBuffer(bytes: bytes)
        self.headers = headers
    }

    package init(_ value: JSONValue, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) {
        self.init(value.bytes, status: status, headers: headers)
    }

    /// A resource with its `ETag`, which a change of it can name in `If-Match`.
    package static func tagged(_ resource: JSONValue) -> RawJSON {
        RawJSON(resource, headers: [.eTag: EntityTag(of: resource).text])
    }

    /// The same answer, which nobody between us and the caller may keep.
    package var unkept: RawJSON {
        var headers = self.headers
        headers[.cacheControl] = "no-store"
        return RawJSON(bytes: self.bytes, status: self.status, headers: headers)
    }

    private init(bytes: ByteBuffer, status: HTTPResponse.Status, headers: HTTPFields) {
        (self.status, self.bytes, self.headers) = (status, bytes, headers)
    }

    package func response(from request: Request, context: some RequestContext) throws -> Response {
        Self.response(self.bytes, self.status, self.headers)
    }

    static func response(_ bytes: ByteBuffer, _ status: HTTPResponse.Status, _ headers: HTTPFields) -> Response {
        var headers = headers
        headers[.contentType] = "application/json"
        return Response(status: status, headers: headers, body: .init(byteBuffer: bytes))
    }
}
