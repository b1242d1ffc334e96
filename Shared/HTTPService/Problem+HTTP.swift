import HTTPTypes
package import Hummingbird
import NIOCore
package import Shared

extension Problem {
    /// Anything a handler can throw, as something a client may read.
    ///
    /// Errors that nobody mapped say nothing about themselves.
    package init(_ error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let failure as any ProblemConvertible: self = failure.problem
        case let failure as any Unavailability: self = failure.isTemporary ? .unavailable : .internal
        case let failure as JSONSyntaxError: self = .malformedJSON(failure)
        case is MethodNotAllowed: self = .methodNotAllowed
        // The request's task is cancelled when its client left or the process stops.
        case is CancellationError: self = .unavailable
        case let error as HTTPError: self = Problem(status: error.status)
        default: self = .internal
        }
    }

    private init(status: HTTPResponse.Status) {
        switch status {
        case .notFound: self = .notFound
        case .methodNotAllowed: self = .methodNotAllowed
        case .contentTooLarge: self = .bodyTooLarge
        case .unauthorized: self = .unauthorized
        case .serviceUnavailable: self = .unavailable
        case .internalServerError: self = .internal
        default: self = Problem(code: "http-\(status.code)", status: status.code, title: "\(status.reasonPhrase).")
        }
    }

    package static let bodyTooLarge = Problem(code: "body-too-large", status: 413, title: "The body is too large.")
    package static let unsupportedMediaType = Problem(
        code: "unsupported-media-type",
        status: 415,
        title: "The body must be application/json, without a content encoding."
    )

    package static func malformedJSON(_ error: JSONSyntaxError) -> Problem {
        Problem(
            code: "malformed-json",
            status: 400,
            title: "The body is not JSON that every reader would understand the same way.",
            detail: error.description
        )
    }

    /// The answer; two of the same problem differ in the request id only.
    package func response(requestID: String, allow: String? = nil) -> Response {
        var headers: HTTPFields = [.contentType: "application/problem+json", .requestID: requestID]
        if let retryAfterSeconds { headers[.retryAfter] = "\(retryAfterSeconds)" }
        if let allow { headers[.allow] = allow }
        if self.status == 401 { headers[.wwwAuthenticate] = "Bearer" }
        return Response(
            status: .init(code: self.status),
            headers: headers,
            body: .init(byteBuffer: ByteBuffer(bytes: self.body(requestID: requestID).bytes))
        )
    }

    /// The members of RFC 9457 but `instance`, which would tell two 404s apart, and ours.
    package func body(requestID: String) -> JSONValue {
        var body: JSONObject = [
            "type": .string(self.type), "title": .string(self.title), "status": .number(JSONNumber(self.status)),
        ]
        if let detail { body["detail"] = .string(detail) }
        body["code"] = .string(self.code)
        body["request_id"] = .string(requestID)
        if !self.violations.isEmpty {
            body["violations"] = .array(
                self.violations.map { ["pointer": .string($0.pointer), "detail": .string($0.detail)] }
            )
        }
        return .object(body)
    }
}
