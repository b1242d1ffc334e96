package import AsyncHTTPClient
package import Logging
import Metrics
import NIOCore
import NIOHTTP1
import ServiceLifecycle

/// Sends ended spans to a collector, a batch each second, until shutdown; then what is left.
///
/// A batch that the collector does not take is given up: traces are worth less than the memory that they would fill.
package struct SpanExporter: Service {
    static let interval: Duration = .seconds(1)
    /// Spans in one call.
    static let batch = 512
    static let deadline: TimeAmount = .seconds(5)

    private let queue: SpanQueue
    private let service: String
    private let config: TraceConfig
    private let client: HTTPClient
    private let clock: any Clock<Duration>
    private let logger: Logger
    private let exported = Counter(label: "herald_trace_spans_total", dimensions: [("outcome", "exported")])
    private let refused = Counter(label: "herald_trace_spans_total", dimensions: [("outcome", "refused")])

    package init(
        queue: SpanQueue,
        service: String,
        config: TraceConfig,
        client: HTTPClient = SpanExporter.makeClient(),
        clock: any Clock<Duration> = ContinuousClock(),
        logger: Logger
    ) {
        self.queue = queue
        self.service = service
        self.config = config
        self.client = client
        self.clock = clock
        self.logger = logger
    }

    /// A client that makes no spans of its own: each export would be another one to export.
    package static func makeClient() -> HTTPClient {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.tracing.tracer = nil
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var failures = 0
            while !Task.isCancelled {
                // A task of its own: what is under way at shutdown comes to its end.
                failures = await Task { await self.exportAll() }.value ? 0 : failures + 1
                // The first of several says it; the counter says how many.
                if failures == 1 {
                    self.logger.warning("spans can not be exported", metadata: ["url": "\(self.config.url)"])
                }
                try? await self.clock.sleep(for: Self.interval)
            }
        }
        _ = await Task { await self.exportAll() }.value
        try await self.client.shutdown()
    }

    /// - Returns: whether the collector took all of them; after a failure it is left alone until the next time.
    private func exportAll() async -> Bool {
        while true {
            let spans = self.queue.take(atMost: Self.batch)
            guard !spans.isEmpty else { return true }
            guard await self.export(spans) else {
                self.refused.increment(by: spans.count)
                return false
            }
            self.exported.increment(by: spans.count)
        }
    }

    private func export(_ spans: [EndedSpan]) async -> Bool {
        do {
            var request = HTTPClientRequest(url: self.config.url)
            request.method = .POST
            for (name, value) in self.config.headers { request.headers.add(name: name, value: value) }
            request.headers.replaceOrAdd(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: try OTLPExport(spans, of: self.service).bytes()))
            let response = try await self.client.execute(request, deadline: .now() + Self.deadline)
            // The connection is used again once the answer has been read.
            _ = try await response.body.collect(upTo: 1 << 20)
            return (200..<300).contains(Int(response.status.code))
        } catch {
            return false
        }
    }
}
