import Foundation
import HTTPTypes
package import Hummingbird
package import NIOCore
package import Shared

extension Request {
    /// Reads the body as one JSON value by our rules.
    ///
    /// - Parameter limit: in bytes.
    /// - Throws: `Problem` `body-too-large` (413; before reading, when `Content-Length` says so),
    ///   `unsupported-media-type` (415), `malformed-json` (400).
    /// - Returns: what was sent.
    package func strictJSON(upTo limit: Int = Limits.bodyBytes) async throws -> JSONValue {
        try self.checkMediaType()
        let body = try await self.bodyBytes(upTo: limit)
        do {
            return try JSONValue(parsing: Array(body.readableBytesView))
        } catch {
            throw Problem.malformedJSON(error)
        }
    }

    /// Reads the bytes of a JSON body that is too long to be read as one value.
    package func jsonBytes(upTo limit: Int) async throws -> ByteBuffer {
        try self.checkMediaType()
        return try await self.bodyBytes(upTo: limit)
    }

    /// Reads the body as one JSON object; no body at all is an object without fields.
    package func optionalJSON(upTo limit: Int = Limits.bodyBytes) async throws -> JSONValue {
        let body = try await self.bodyBytes(upTo: limit)
        guard body.readableBytes > 0 else { return [:] }
        try self.checkMediaType()
        do {
            return try JSONValue(parsing: Array(body.readableBytesView))
        } catch {
            throw Problem.malformedJSON(error)
        }
    }

    /// Reads the body of a request that has no fields: none at all, or an empty object.
    package func refuseFields() async throws {
        var fields = JSONFields(try await self.optionalJSON(), at: "")
        try fields.finish()
    }

    /// Reads the body of a call from one of our services.
    ///
    /// - Parameters:
    ///   - type: what both sides compile against.
    ///   - limit: in bytes.
    /// - Throws: `Problem` 413 or 415, and `malformed-json` (400) for what is no `type`.
    /// - Returns: what was sent.
    package func decodeInternal<Value: Decodable>(
        _ type: Value.Type,
        upTo limit: Int = Limits.batchBytes
    ) async throws -> Value {
        try self.checkMediaType()
        let body = try await self.bodyBytes(upTo: limit)
        do {
            return try InternalJSON.decode(type, from: Data(body.readableBytesView))
        } catch let error as DecodingError {
            throw Problem(
                code: "malformed-json",
                status: 400,
                title: "The body is not JSON that every reader would understand the same way.",
                detail: "It is no \(type): \(error.place)."
            )
        }
    }

    /// Reads the whole body, of at most `limit` bytes.
    package func bodyBytes(upTo limit: Int) async throws -> ByteBuffer {
        let announced = self.headers[.contentLength].flatMap { Int($0) }
        if let announced, announced > limit { throw Problem.bodyTooLarge(limit) }
        do {
            return try await self.body.collect(upTo: limit)
        } catch is NIOTooManyBytesError {
            throw Problem.bodyTooLarge(limit)
        }
    }

    private func checkMediaType() throws(Problem) {
        if let encoding = self.headers[.contentEncoding], encoding.lowercased() != "identity" {
            throw .unsupportedMediaType
        }
        guard let type = self.headers[.contentType] else { return }
        let essence = type.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
        guard essence == "application/json" else { throw .unsupportedMediaType }
    }
}

extension Problem {
    package static func bodyTooLarge(_ limit: Int) -> Problem {
        var problem = Problem.bodyTooLarge
        problem.detail = "It may have at most \(limit) bytes."
        return problem
    }
}

extension DecodingError {
    /// Where decoding failed, without the value that stands there.
    fileprivate var place: String {
        let context: Context? =
            switch self {
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context): context
            case .keyNotFound(let key, let context):
                Context(codingPath: context.codingPath + [key], debugDescription: "")
            @unknown default: nil
            }
        let path = context?.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue } ?? []
        return path.isEmpty ? "not JSON, or another type" : "see \(path.joined(separator: "."))"
    }
}
