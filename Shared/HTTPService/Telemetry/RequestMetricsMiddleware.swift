import HTTPTypes
package import Hummingbird
import Metrics
import Telemetry

/// Counts requests and measures how long they take, by route.
///
/// It goes outside `ProblemMiddleware`, so that it sees the status of every answer. The label is the route's template, never
/// the path: its values are as many as the routes, whatever is asked for.
package struct RequestMetricsMiddleware<Context: RequestContext>: RouterMiddleware {
    private struct Key: Hashable {
        let method: String
        let route: String
        var status = 0
    }

    /// What no route has is `other`: a method may be any word.
    private static var methods: Set<HTTPRequest.Method> {
        [.get, .head, .post, .put, .patch, .delete, .options, .trace, .connect]
    }

    private let requests = MetricFamily<Key, Counter>("http_requests_total") {
        [("method", $0.method), ("route", $0.route), ("status", $0.status == 0 ? "none" : "\($0.status)")]
    }
    private let durations = MetricFamily<Key, Timer>("http_request_duration_seconds") {
        [("method", $0.method), ("route", $0.route)]
    }
    private let inFlight = Meter(label: "http_requests_in_flight")

    package init() {}

    package func handle(
        _ request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        let key = Key(
            method: Self.methods.contains(request.method) ? request.method.rawValue : "other",
            route: context.endpointPath ?? "none"
        )
        let began = ContinuousClock.now
        self.inFlight.increment()
        var status = 0
        defer {
            self.inFlight.decrement()
            self.durations[key].record(duration: began.duration(to: .now))
            self.requests[Key(method: key.method, route: key.route, status: status)].increment()
        }
        let response = try await next(request, context)
        status = response.status.code
        return response
    }
}
