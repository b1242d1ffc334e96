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
        package let body: ByteBuffer?

        package init(
            method: HTTPMethod,
            path: InternalPath,
            query: String? = nil,
            contentType: String? = nil,
            idempotencyKey: String? = nil,
            body: ByteBuffer? = nil
        ) {
            self.method = method
            self.path = path
            self.query = query
            self.contentType = contentType
            self.idempotencyKey = idempotencyKey
            self.body = body
        }
    }

    /// The headers of an answer that a tenant may see.
    private static let answerHeaders = [
        "content-type", "retry-after", "idempotency-replayed", "location", "etag", "allow", "cache-control",
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
        var call = InternalCall(
            method: request.method,
            path: request.path,
            query: request.query.map(InternalCall.sanitized),
            repeatable: request.method == .GET
        )
        call.body = request.body
        if let type = request.contentType { call.headers.add(name: "content-type", value: type) }
        if let key = request.idempotencyKey { call.headers.add(name: "idempotency-key", value: key) }
        let answer = try await self.perform(call, as: acting, deadline: deadline)
        var headers = HTTPHeaders()
        for name in Self.answerHeaders {
            if let value = answer.headers.first(name: name) { headers.add(name: name, value: value) }
        }
        return InternalAnswer(status: answer.status, headers: headers, body: answer.body)
    }
}
