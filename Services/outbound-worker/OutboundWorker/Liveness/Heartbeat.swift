import Logging
import ServiceLifecycle

/// Tells messaging-service each second that the worker lives, whatever else the worker waits for.
struct Heartbeat: Service {
    /// What messaging-service expects: it takes a worker that misses several for dead.
    static var interval: Duration { .seconds(1) }

    let queue: any DeliveryQueue
    let readiness: Readiness
    let clock: any MonotonicClock
    let logger: Logger

    func run() async {
        try? await cancelWhenGracefulShutdown {
            var failures = 0
            while true {
                let due = self.clock.now + Self.interval
                failures = await self.beat() ? 0 : failures + 1
                if failures == 1 { self.logger.warning("heartbeat failed") }
                try await self.clock.sleep(until: due, tolerance: nil)
            }
        }
    }

    private func beat() async -> Bool {
        do {
            try await self.queue.heartbeat()
            self.readiness.succeeded()
            return true
        } catch {
            return false
        }
    }
}
