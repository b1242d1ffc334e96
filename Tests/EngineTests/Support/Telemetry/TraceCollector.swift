import Hummingbird
import NIOCore
import Shared
import Synchronization
import TestSupport

/// Stands in for an OpenTelemetry collector: takes OTLP over HTTP as JSON, and keeps every span.
final class TraceCollector: Sendable {
    struct Span: Sendable {
        let service: String
        let name: String
        let traceID: String
        let id: String
        let parentID: String?
        let attributes: [String: String]
    }

    private let taken = Mutex<[Span]>([])
    private let bodies = Mutex<[String]>([])

    /// The spans of one trace.
    func spans(of traceID: String) -> [Span] { self.taken.withLock { $0.filter { $0.traceID == traceID } } }

    /// Everything as it came, to be searched for what must not be in it.
    var text: String { self.bodies.withLock { $0.joined(separator: "\n") } }

    func take(_ body: [UInt8]) throws {
        let export = try JSONValue(parsing: body)
        var spans: [Span] = []
        for resource in export["resourceSpans"]?.array ?? [] {
            let service = Self.attributes(resource["resource"]?["attributes"])["service.name"] ?? ""
            for scope in resource["scopeSpans"]?.array ?? [] {
                spans += (scope["spans"]?.array ?? []).map { span in
                    Span(
                        service: service,
                        name: span["name"]?.string ?? "",
                        traceID: span["traceId"]?.string ?? "",
                        id: span["spanId"]?.string ?? "",
                        parentID: span["parentSpanId"]?.string,
                        attributes: Self.attributes(span["attributes"])
                    )
                }
            }
        }
        self.taken.withLock { $0 += spans }
        self.bodies.withLock { $0.append(String(decoding: body, as: UTF8.self)) }
    }

    private static func attributes(_ list: JSONValue?) -> [String: String] {
        var attributes: [String: String] = [:]
        for attribute in list?.array ?? [] {
            let value = attribute["value"]
            attributes[attribute["key"]?.string ?? ""] = value?["stringValue"]?.string ?? value?["intValue"]?.string
        }
        return attributes
    }
}

/// Runs `body` with a collector that listens for the length of it.
func withTraceCollector(_ body: @Sendable (TraceCollector, _ url: String) async throws -> Void) async throws {
    let (collector, port) = (TraceCollector(), ServerPort())
    let router = Router()
    router.post("/v1/traces") { request, _ in
        let body = try await request.body.collect(upTo: 16 << 20)
        try collector.take(Array(body.readableBytesView))
        return Response(status: .ok, body: .init(byteBuffer: ByteBuffer(string: "{}")))
    }
    let server = Application(
        router: router,
        configuration: .init(address: .hostname("127.0.0.1", port: 0)),
        onServerRunning: { port.set($0.localAddress?.port ?? 0) },
        logger: .quiet
    )
    try await withServices([server]) {
        try await body(collector, "http://127.0.0.1:\(await port.value())")
    }
}
