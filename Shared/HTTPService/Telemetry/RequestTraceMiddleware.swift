import HTTPTypes
package import Hummingbird
import Logging
import Shared
import Telemetry
import Tracing

/// Gives a request's id and trace to every log line and every call that follows from it.
///
/// It goes outside `ProblemMiddleware`, so that it sees the status of every answer. A public port begins a trace where the
/// caller has none; on an internal one a call without a trace is one of those that services make all the time.
package struct RequestTraceMiddleware<Context: RequestContext>: RouterMiddleware {
    package enum Port: Sendable {
        case `public`, `internal`
    }

    private let port: Port

    package init(port: Port = .public) {
        self.port = port
    }

    package func handle(
        _ request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        let parent = request.headers[.traceParent].flatMap(TraceContext.init(traceParent:))
        guard Traces.isOn, parent != nil || self.port == .public, let route = Self.traced(context.endpointPath) else {
            return try await self.answer(request, context, within: parent, next)
        }
        var surroundings = InstrumentationContext.topLevel
        surroundings.trace = parent
        return try await withSpan("\(request.method.rawValue) \(route)", context: surroundings, ofKind: .server) {
            span in
            let response = try await self.answer(request, context, within: span.context.trace, next)
            span.attributes["http.request.method"] = request.method.rawValue
            span.attributes["http.route"] = route
            span.attributes["http.response.status_code"] = response.status.code
            span.attributes["herald.request.id"] = context.id
            if response.status.code >= 500 { span.setStatus(.init(code: .error)) }
            return response
        }
    }

    private func answer(
        _ request: Request,
        _ context: Context,
        within trace: TraceContext?,
        _ next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        var context = context
        if let trace { context.logger[metadataKey: "trace.id"] = "\(trace.traceID)" }
        let trace = RequestTrace(requestID: context.id, traceParent: trace?.traceParent)
        return try await RequestTrace.$current.withValue(trace) { [context] in
            try await withLogger(context.logger) { _ in try await next(request, context) }
        }
    }

    /// Those who watch ask each few seconds; what no route has is not worth a trace.
    private static func traced(_ route: String?) -> String? {
        switch route {
        case nil, "/healthz", "/readyz", "/metrics": nil
        case let route: route
        }
    }
}
