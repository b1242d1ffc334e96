package import AsyncHTTPClient
import NIOCore
package import NIOHTTP1
package import Shared

/// What another service answers while it is still answering.
package struct StreamedAnswer: Sendable {
    package let status: Int
    package let headers: HTTPHeaders
    /// Part by part, each asked for when the one before has been taken.
    package let body: HTTPClientResponse.Body

    /// The whole answer, for what is not streamed: problems have a few hundred bytes.
    ///
    /// - Throws: for a body of more than 1 MB, and for a connection that is lost.
    package func collected() async throws -> InternalAnswer {
        InternalAnswer(status: self.status, headers: self.headers, body: try await self.body.collect(upTo: 1 << 20))
    }
}

extension InternalClient {
    /// Passes a request on like `forward`, and its answer back while it arrives; it is not tried again.
    ///
    /// - Returns: any status; of the headers only those that concern a client.
    /// - Throws: `Problem.unavailable` when no answer has begun at the deadline.
    package func stream(
        _ request: ForwardedRequest,
        as acting: Acting,
        deadline: Duration
    ) async throws -> StreamedAnswer {
        let call = self.call(of: request)
        do {
            let answer = try await self.client.execute(
                try await self.request(for: call, as: acting),
                deadline: .now() + TimeAmount(deadline)
            )
            return StreamedAnswer(
                status: Int(answer.status.code),
                headers: Self.shown(answer.headers, also: ["content-length"]),
                body: answer.body
            )
        } catch {
            try Task.checkCancellation()
            throw Problem.unavailable(self.service.rawValue)
        }
    }
}
