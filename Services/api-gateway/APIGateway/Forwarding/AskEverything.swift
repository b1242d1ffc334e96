import HTTPService
import HTTPTypes
import Hummingbird
import InternalAPI
import Logging
import Shared

/// Asks messaging-service something of all organizations, for the operator.
///
/// The call names no organization, and so no actor in its headers either: a change has `{"actor": "operator"}` as its body.
struct AskEverything: Sendable {
    let messaging: InternalClient
    let deadlines: ForwardDeadlines

    /// The routes under `/queue` that only the operator has.
    func add(to router: some RouterMethods<OperatorRequestContext>) {
        router.post("/queue/restart") { request, context in
            try await self("/internal/engine/restart", request, context)
        }
    }

    /// - Throws: `Problem` 400 for a query, 422 for a body with fields, what messaging-service says, and 503 `unavailable`.
    func callAsFunction(
        _ path: InternalPath,
        _ request: Request,
        _ context: OperatorRequestContext
    ) async throws -> RawJSON {
        var query = QueryParameters(request)
        try query.finish()
        do {
            return RawJSON(try await self.answer(path, request))
        } catch let problem as Problem where problem.status == 401 {
            // The caller's key was right: it is our own token that the service does not take.
            let service = ServiceName.messagingService.rawValue
            context.logger.error("service token refused", metadata: ["service": "\(service)"])
            throw Problem.unavailable(service)
        }
    }

    private func answer(_ path: InternalPath, _ request: Request) async throws -> JSONValue {
        if request.method == .get { return try await self.messaging.get(path, deadline: self.deadlines.ordinary) }
        try await Self.refuseFields(of: request)
        let body: JSONValue = ["actor": .string(OperatorRequestContext.actor)]
        return try await self.messaging.post(path, body, deadline: self.deadlines.ordinary)
    }

    /// No body, or an empty object.
    private static func refuseFields(of request: Request) async throws {
        let body = try await request.bodyBytes(upTo: Limits.bodyBytes)
        guard body.readableBytes > 0 else { return }
        do {
            var fields = JSONFields(try JSONValue(parsing: Array(body.readableBytesView)), at: "")
            try fields.finish()
        } catch let error as JSONSyntaxError {
            throw Problem.malformedJSON(error)
        }
    }
}
