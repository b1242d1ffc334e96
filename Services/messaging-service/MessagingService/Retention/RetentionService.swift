package import Logging
import ServiceLifecycle

/// Begins a sweep of `RetainMessages` each hour; at once when the last one took longer.
package struct RetentionService: Service {
    static let interval: Duration = .seconds(3600)

    let retainMessages: RetainMessages
    let clock: any Clock<Duration>
    let logger: Logger
    private let metrics = RetentionMetrics()

    package init(retainMessages: RetainMessages, clock: any Clock<Duration>, logger: Logger) {
        self.retainMessages = retainMessages
        self.clock = clock
        self.logger = logger
    }

    package func run() async throws {
        // Cancellation by the shutdown is no failure.
        try? await cancelWhenGracefulShutdown { try await self.sweep(by: self.clock) }
    }

    private func sweep(by clock: some Clock<Duration>) async throws {
        while true {
            let next = clock.now.advanced(by: Self.interval)
            do {
                self.metrics.swept(try await self.retainMessages())
            } catch {
                try Task.checkCancellation()
                self.metrics.failed(error)
                self.logger.warning("retention failed", metadata: ["error": "\(String(reflecting: error))"])
            }
            try await clock.sleep(until: next, tolerance: nil)
        }
    }
}
