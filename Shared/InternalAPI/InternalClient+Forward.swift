package import NIOCore
package import NIOHTTP1
package import Shared

extension InternalClient {
    /// A tenant's request, as the gateway passes it on without decoding it.
    package struct ForwardedRequest: Sendable {
        package let method: HTTPMethod
        package let path: InternalPath
        /// As the client sent it, without `?`.
        package let query: String?
        package let contentType: String?
        package let idempotencyKey: String?
        /// The condition of a change.
        package let ifMatch: String?
        package let body: ByteBuffer?

        package init(
            method: HTTPMethod,
            path: InternalPath,
            query: String? = nil,
            contentType: String? = nil,
            idempotencyKey: String? = nil,
            ifMatch: String? = nil,
            body: ByteBuffer? = nil
        ) {
            self.method = method
            self.path = path
            self.query = query
            self.contentType = contentType
            self.idempotencyKey = idempotencyKey
            self.ifMatch = ifMatch
            self.body = body
        }
    }

    /// The headers of an answer that a tenant may see.
    private static let answerHeaders = [
        "content-type", "retry-after", "idempotency-replayed", "location", "etag", "allow", "cache-control",
        "content-disposition", "x-content-type-options",
    ]

    /// Passes a request on, and its answer back, problems included.
    ///
    /// - Returns: any status; of the headers only those that concern a client.
    /// - Throws: `Problem.unavailable` when there is no answer.
    package func forward(
        _ request: ForwardedRequest,
        as acting: Acting,
        deadline: Duration = Self.ordinaryDeadline
    ) async throws -> InternalAnswer {
        let answer = try await self.perform(self.call(of: request), as: acting, deadline: deadline)
        return InternalAnswer(status: answer.status, headers: Self.shown(answer.headers), body: answer.body)
    }

    func call(of request: ForwardedRequest) -> InternalCall {
        var call = InternalCall(
            method: request.method,
            path: request.path,
            query: request.query.map(InternalCall.sanitized),
            repeatable: request.method == .GET
        )
        call.body = request.body
        if let type = request.contentType { call.headers.add(name: "content-type", value: type) }
        if let condition = request.ifMatch { call.headers.add(name: "if-match", value: condition) }
        if let key = request.idempotencyKey { call.headers.add(name: "idempotency-key", value: key) }
        return call
    }

    /// Those of `headers` that a tenant may see.
    static func shown(_ headers: HTTPHeaders, also more: [String] = []) -> HTTPHeaders {
        var shown = HTTPHeaders()
        for name in Self.answerHeaders + more {
            if let value = headers.first(name: name) { shown.add(name: name, value: value) }
        }
        return shown
    }
}
