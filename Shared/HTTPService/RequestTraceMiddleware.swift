import HTTPTypes
package import Hummingbird
import Logging
import Metrics
import Shared

/// Counts requests, and gives their id to every log line and every call that follows from them.
///
/// It goes outside `ProblemMiddleware`, so that it sees the status of every answer.
package struct RequestTraceMiddleware<Context: RequestContext>: RouterMiddleware {
    private let counters = StatusCounters()

    package init() {}

    package func handle(
        _ request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        let trace = RequestTrace(
            requestID: context.id,
            traceParent: request.headers[.traceParent].flatMap { Self.isTraceParent($0) ? $0 : nil }
        )
        return try await RequestTrace.$current.withValue(trace) {
            try await withLogger(context.logger) { _ in
                let response = try await next(request, context)
                self.counters[response.status.code].increment()
                return response
            }
        }
    }

    /// Version 00 of the W3C header: 55 characters of lower-case hex and hyphens.
    private static func isTraceParent(_ text: String) -> Bool {
        text.utf8.count == 55 && text.hasPrefix("00-")
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
