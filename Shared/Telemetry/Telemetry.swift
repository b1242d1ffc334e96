package import Logging
import Metrics
package import ServiceLifecycle
import Tracing

/// Called once, by `Main` only: tests run without it.
package enum Telemetry {
    package static func bootstrap(label: String, level: Logger.Level) -> Logger {
        let metrics = MetricsRegistry()
        MetricsSystem.bootstrap(metrics)
        let lines = MetricFamily<Logger.Level, Counter>("herald_log_lines_total") { [("level", $0.rawValue)] }
        lines.prepare(Logger.Level.allCases)
        LoggingSystem.bootstrap { label in
            var handler = JSONLogHandler(label: label, count: { lines[$0].increment() })
            handler.logLevel = level
            return handler
        }
        return Logger(label: label)
    }

    /// Begins to make spans, as `config` says.
    ///
    /// - Returns: what exports them; to be started first, so that it is the last to end.
    package static func trace(_ program: String, config: TraceConfig, logger: Logger) -> some Service {
        let queue = SpanQueue()
        InstrumentationSystem.bootstrap(SpanTracer(queue: queue, ratio: config.ratio))
        return SpanExporter(queue: queue, service: config.serviceName ?? program, config: config, logger: logger)
    }
}
