import AsyncHTTPClient
import Metrics
import NIOHTTP1
import Shared
import Telemetry
import Tracing

/// What is measured of the calls to one service.
struct CallMetrics: Sendable {
    private let calls: MetricFamily<String, Counter>
    private let durations: Timer

    init(_ service: ServiceName) {
        self.calls = MetricFamily("herald_internal_calls_total") {
            [("service", service.rawValue), ("outcome", $0)]
        }
        self.durations = Timer(
            label: "herald_internal_call_duration_seconds",
            dimensions: [("service", service.rawValue)]
        )
    }

    /// - Parameters:
    ///   - status: of the answer; nil when there was none.
    ///   - duration: with all tries.
    func ended(_ status: Int?, after duration: Duration) {
        self.durations.record(duration: duration)
        self.calls[status.map { "\($0 / 100)xx" } ?? "unavailable"].increment()
    }
}

extension InternalClient {
    /// Performs `call` as a part of the trace that this task belongs to, if it does, and measures it.
    func measured(
        _ call: InternalCall,
        _ perform: (_ traceParent: String?) async throws -> InternalAnswer
    ) async throws -> InternalAnswer {
        let began = ContinuousClock.now
        var status: Int?
        defer { self.metrics.ended(status, after: began.duration(to: .now)) }
        let parent = RequestTrace.current?.traceParent
        guard parent != nil, Traces.isOn else {
            let answer = try await perform(parent)
            status = answer.status
            return answer
        }
        return try await withSpan(
            "\(call.method.rawValue) \(self.service.rawValue)",
            context: InstrumentationContext(traceParent: parent),
            ofKind: .client
        ) { span in
            span.attributes["http.request.method"] = call.method.rawValue
            span.attributes["peer.service"] = self.service.rawValue
            let answer = try await perform(span.context.trace?.traceParent)
            status = answer.status
            span.attributes["http.response.status_code"] = answer.status
            if answer.status >= 500 { span.setStatus(.init(code: .error)) }
            return answer
        }
    }
}
