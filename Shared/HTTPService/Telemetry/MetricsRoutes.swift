import HTTPTypes
package import Hummingbird
package import Metrics
import NIOCore
import Telemetry

/// `/metrics`: what the process measures, in the text format of Prometheus.
///
/// It answers without a token, and names no organization unless that is switched on; internal ports only have it.
package struct MetricsRoutes: Sendable {
    private let registry: MetricsRegistry?

    /// - Parameter factory: what it shows, if that is a `MetricsRegistry`.
    package init(_ factory: any MetricsFactory = MetricsSystem.factory) {
        self.registry = factory as? MetricsRegistry
    }

    package func add(to router: some RouterMethods<some RequestContext>) {
        router.get("/metrics") { _, _ in
            Response(
                status: .ok,
                headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: .init(byteBuffer: ByteBuffer(string: (self.registry?.text ?? "") + ProcessMetrics.text))
            )
        }
    }
}
