import NIOCore
import NIOHTTP1
import Shared

/// Why a connection's guard answers in the place of the application.
enum Refusal: Sendable, CaseIterable {
    case malformed
    case headTooLarge
    case targetTooLong
    case headTooSlow
    case bodyTooSlow

    private var problem: Problem {
        switch self {
        case .malformed:
            Problem(code: "malformed-request", status: 400, title: "The request is not valid HTTP/1.1.")
        case .headTooLarge:
            Problem(code: "headers-too-large", status: 431, title: "The request has more header fields than we read.")
        case .targetTooLong:
            Problem(code: "target-too-long", status: 414, title: "The path and query are too long.")
        case .headTooSlow:
            Problem(code: "request-timeout", status: 408, title: "The request took too long to arrive.")
        case .bodyTooSlow:
            Problem(code: "request-timeout", status: 408, title: "The request took too long to arrive.")
        }
    }

    func answer(allocator: ByteBufferAllocator) -> (HTTPResponseHead, ByteBuffer) {
        var (head, body) = self.problem.answer(allocator: allocator)
        head.headers.add(name: "connection", value: "close")
        return (head, body)
    }
}

extension Problem {
    /// The answer for what speaks to the connection itself.
    func answer(allocator: ByteBufferAllocator) -> (HTTPResponseHead, ByteBuffer) {
        let requestID = RequestTrace.newRequestID()
        let body = allocator.buffer(bytes: self.body(requestID: requestID).bytes)
        var headers: HTTPHeaders = [
            "content-type": "application/problem+json", "content-length": "\(body.readableBytes)",
            "x-request-id": requestID,
        ]
        if let retryAfterSeconds { headers.add(name: "retry-after", value: "\(retryAfterSeconds)") }
        return (HTTPResponseHead(version: .http1_1, status: .init(statusCode: self.status), headers: headers), body)
    }
}
