import AsyncHTTPClient
import HTTPService
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import Metrics
import NIOCore
import Shared
import Synchronization
import Telemetry
import TestSupport
import Testing
import Tracing

/// What requests leave behind: numbers by route, and spans.
@Suite(.timeLimit(.minutes(5))) struct TelemetryTests {
    private static let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    private func app(_ port: RequestTraceMiddleware<AppRequestContext>.Port = .public) -> some ApplicationProtocol {
        let router = Router(context: AppRequestContext.self)
        router.add(middleware: RequestMetricsMiddleware())
        router.add(middleware: RequestTraceMiddleware(port: port))
        router.add(middleware: ProblemMiddleware())
        HealthRoutes([]).add(to: router)
        MetricsRoutes().add(to: router)
        router.get("/things/{id}") { _, _ in RequestTrace.current?.traceParent ?? "none" }
        router.get("/broken") { _, _ -> Response in throw Problem.unavailable("x") }
        router.refuseOtherMethods()
        return Application(router: router, logger: .quiet)
    }

    @Test func theLabelIsTheRouteWhateverIsAskedFor() async throws {
        let registry = MetricsRegistry()
        let app = withMetricsFactory(registry) { self.app() }
        try await app.test(.router) { client in
            for number in 0..<50 { _ = try await client.execute(uri: "/things/\(number)", method: .get) }
            for number in 0..<50 { _ = try await client.execute(uri: "/nothing/\(number)", method: .get) }
            _ = try await client.execute(uri: "/things/1", method: .put)
            _ = try await client.execute(uri: "/broken", method: .get)
            let answer = try await client.execute(uri: "/metrics", method: .get)
            #expect(answer.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
            let lines = String(buffer: answer.body).split(separator: "\n").filter {
                $0.hasPrefix("http_requests_total")
            }
            #expect(
                lines == [
                    "http_requests_total{method=\"GET\",route=\"/broken\",status=\"503\"} 1",
                    "http_requests_total{method=\"GET\",route=\"/things/{id}\",status=\"200\"} 50",
                    "http_requests_total{method=\"GET\",route=\"none\",status=\"404\"} 50",
                    "http_requests_total{method=\"PUT\",route=\"/things/{id}\",status=\"405\"} 1",
                ]
            )
            let text = String(buffer: answer.body)
            #expect(text.contains("http_request_duration_seconds_count{method=\"GET\",route=\"/things/{id}\"} 50\n"))
            #expect(text.contains("\nhttp_requests_in_flight 1\n"))
            #expect(text.contains("\nprocess_resident_memory_bytes "))
        }
    }

    @Test func aWordThatIsNoMethodIsOneOfTheOthers() async throws {
        let registry = MetricsRegistry()
        let app = withMetricsFactory(registry) { self.app() }
        try await app.test(.router) { client in
            for word in ["BREW", "WHEN", "PROPFIND"] {
                let method = try #require(HTTPRequest.Method(word))
                _ = try await client.execute(uri: "/things/1", method: method)
            }
        }
        #expect(registry.text.contains("{method=\"other\",route=\"none\",status=\"404\"} 3\n"))
        #expect(!registry.text.contains("BREW"))
    }

    @Test func aRequestIsASpanOfItsCallersTrace() async throws {
        let queue = SpanQueue()
        try await withTracer(SpanTracer(queue: queue)) {
            try await self.app().test(.router) { client in
                let headers: HTTPFields = [.traceParent: Self.parent]
                let answer = try await client.execute(uri: "/things/7", method: .get, headers: headers)
                let inner = try #require(TraceContext(traceParent: String(buffer: answer.body)))
                #expect(inner.traceID.description == "4bf92f3577b34da6a3ce929d0e0e4736")
                #expect(inner.traceParent != Self.parent)
                for path in ["/healthz", "/readyz", "/metrics", "/nothing"] {
                    _ = try await client.execute(uri: path, method: .get, headers: headers)
                }
                _ = try await client.execute(uri: "/broken", method: .get)
            }
        }
        let spans = queue.take(atMost: 10)
        #expect(spans.map(\.name) == ["GET /things/{id}", "GET /broken"])
        #expect(spans[0].parentID == 0x00f0_67aa_0ba9_02b7)
        #expect(spans[0].attributes.get("http.response.status_code") == .int64(200))
        #expect(spans[1].parentID == nil && spans[1].status?.code == .error)
    }

    /// Polls and heartbeats would be most of all traces.
    @Test func anInternalPortBeginsNoTrace() async throws {
        let queue = SpanQueue()
        try await withTracer(SpanTracer(queue: queue)) {
            try await self.app(.internal).test(.router) { client in
                let answer = try await client.execute(uri: "/things/7", method: .get)
                #expect(String(buffer: answer.body) == "none")
                _ = try await client.execute(uri: "/things/8", method: .get, headers: [.traceParent: Self.parent])
            }
        }
        #expect(queue.count == 1)
    }

    @Test func withoutATracerTheCallersTraceGoesOnAsItCame() async throws {
        try await self.app().test(.router) { client in
            for (header, passed) in [(Self.parent, Self.parent), ("nonsense", "none"), (nil, "none")] {
                var headers = HTTPFields()
                headers[.traceParent] = header
                let answer = try await client.execute(uri: "/things/7", method: .get, headers: headers)
                #expect(String(buffer: answer.body) == passed)
            }
        }
    }
}

/// The way of spans to a collector.
@Suite(.timeLimit(.minutes(5))) struct SpanExporterTests {
    private final class Collector: Sendable {
        let bodies = Mutex<[JSONValue]>([])
        let keys = Mutex<[String?]>([])
        let status = Mutex(HTTPResponse.Status.ok)
    }

    /// Runs an exporter to a collector for the length of `body`.
    private func run(
        _ queue: SpanQueue,
        _ collector: Collector,
        _ registry: MetricsRegistry,
        _ body: @Sendable () async throws -> Void
    ) async throws {
        let port = ServerPort()
        let router = Router()
        router.post("/v1/traces") { request, _ in
            let bytes = try await request.body.collect(upTo: 8 << 20)
            let value = try JSONValue(parsing: Array(bytes.readableBytesView))
            collector.bodies.withLock { $0.append(value) }
            collector.keys.withLock { $0.append(request.headers[.authorization]) }
            return collector.status.withLock(\.self)
        }
        let server = Application(
            router: router,
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { port.set($0.localAddress?.port ?? 0) },
            logger: .quiet
        )
        try await withServices([server]) {
            let config = TraceConfig(
                url: "http://127.0.0.1:\(await port.value())/v1/traces",
                headers: [("authorization", "secret")]
            )
            let exporter = withMetricsFactory(registry) {
                SpanExporter(queue: queue, service: "api-gateway", config: config, logger: .quiet)
            }
            try await withServices([exporter]) { try await body() }
        }
    }

    @Test func spansArriveInBatchesAndTheLastAtShutdown() async throws {
        let (queue, collector, registry) = (SpanQueue(), Collector(), MetricsRegistry())
        withTracer(SpanTracer(queue: queue)) { for _ in 0..<600 { withSpan("first", ofKind: .client) { _ in } } }
        try await self.run(queue, collector, registry) {
            try await eventually { queue.count == 0 && collector.bodies.withLock { $0.count } == 2 }
            withTracer(SpanTracer(queue: queue)) {
                withSpan("last") { span in
                    span.attributes["text"] = "x"
                    span.attributes["number"] = 7
                }
            }
        }
        let bodies = collector.bodies.withLock(\.self)
        let spans = bodies.map { $0["resourceSpans"]?[0]?["scopeSpans"]?[0]?["spans"]?.array ?? [] }
        #expect(spans.map(\.count) == [512, 88, 1])
        let name = bodies[0]["resourceSpans"]?[0]?["resource"]?["attributes"]?[0]
        #expect(name == ["key": "service.name", "value": ["stringValue": "api-gateway"]])
        #expect(spans[0][0]["kind"]?.int == 3)
        #expect(spans[0][0]["traceId"]?.string?.count == 32 && spans[0][0]["spanId"]?.string?.count == 16)
        #expect(spans[0][0]["startTimeUnixNano"]?.string.flatMap { UInt64($0) } ?? 0 > 1_700_000_000_000_000_000)
        #expect(
            spans[2][0]["attributes"] == [
                ["key": "number", "value": ["intValue": "7"]], ["key": "text", "value": ["stringValue": "x"]],
            ]
        )
        #expect(collector.keys.withLock(\.self) == ["secret", "secret", "secret"])
        #expect(registry.text.contains("herald_trace_spans_total{outcome=\"exported\"} 601\n"))
    }

    @Test func whatACollectorRefusesIsCountedAndForgotten() async throws {
        let (queue, collector, registry) = (SpanQueue(), Collector(), MetricsRegistry())
        collector.status.withLock { $0 = .serviceUnavailable }
        withTracer(SpanTracer(queue: queue)) { for _ in 0..<5 { withSpan("a") { _ in } } }
        try await self.run(queue, collector, registry) {
            try await eventually { registry.text.contains("herald_trace_spans_total{outcome=\"refused\"} 5\n") }
        }
        #expect(queue.count == 0)
        #expect(registry.text.contains("herald_trace_spans_total{outcome=\"exported\"} 0\n"))
    }
}
