import HTTPService
import Hummingbird
import InternalAPI
import Logging
import NIOCore
import NIOHTTP1
import Shared

/// The route `/internal/messages/gathered`, by which a gateway passes on creates of any organizations together.
struct GatheredRoutes: Sendable {
    let submit: SubmitMessage

    func add(to router: some RouterMethods<ServiceRequestContext>) {
        router.post("/internal/messages/gathered", use: self.create)
    }

    /// Accepts messages, each by itself and as `POST /internal/messages` does; the answers come together.
    ///
    /// - Errors: 400 `malformed-json`; 413 `body-too-large`.
    @Sendable private func create(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let bytes = try await request.bodyBytes(upTo: GatheredCreate.mostBytes)
        guard let creates = try? Gathering.creates(in: bytes) else { throw Problem.malformedCall }
        let answers = zip(creates, await self.submit(creates)).map { create, result in
            switch result {
            case .success(let answer): Self.accepted(answer)
            case .failure(let error): Self.answer(to: error, of: create, context.logger)
            }
        }
        return Response(
            status: .ok,
            headers: [.contentType: "application/octet-stream"],
            body: .init(byteBuffer: Gathering.bytes(of: answers))
        )
    }

    private static func accepted(_ answer: CreateAnswer) -> InternalAnswer {
        var headers: HTTPHeaders = ["content-type": "application/json"]
        if answer.isReplay { headers.add(name: "idempotency-replayed", value: "true") }
        return InternalAnswer(status: 202, headers: headers, body: ByteBuffer(bytes: answer.body))
    }

    private static func answer(to error: any Error, of create: GatheredCreate, _ logger: Logger) -> InternalAnswer {
        let problem = Problem(error)
        if problem.status >= 500, !(error is Overload) {
            var logger = logger
            logger[metadataKey: "hb.request.id"] = "\(create.trace.requestID)"
            logger.error(
                "request failed",
                metadata: ["status": "\(problem.status)", "error": "\(String(reflecting: error))"]
            )
        }
        var headers: HTTPHeaders = ["content-type": "application/problem+json"]
        if let seconds = problem.retryAfterSeconds { headers.add(name: "retry-after", value: "\(seconds)") }
        return InternalAnswer(
            status: problem.status,
            headers: headers,
            body: ByteBuffer(bytes: problem.body(requestID: create.trace.requestID).bytes)
        )
    }
}

extension Problem {
    fileprivate static let malformedCall = Problem(
        code: "malformed-json",
        status: 400,
        title: "The body is not a call of this version."
    )
}
