package import Logging
import Metrics

/// Called once, by `Main` only: tests run without it.
package enum Telemetry {
    package static let metrics = MetricsRegistry()

    package static func bootstrap(label: String, level: Logger.Level) -> Logger {
        LoggingSystem.bootstrap { label in
            var handler = JSONLogHandler(label: label)
            handler.logLevel = level
            return handler
        }
        MetricsSystem.bootstrap(self.metrics)
        return Logger(label: label)
    }
}
