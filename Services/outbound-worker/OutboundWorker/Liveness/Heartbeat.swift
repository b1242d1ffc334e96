import InternalAPI
import Logging
import Metrics
import ServiceLifecycle
import Shared

/// Tells messaging-service each second that the worker lives, whatever else the worker waits for.
struct Heartbeat: Service {
    /// What messaging-service expects: it takes a worker that misses several for dead.
    static var interval: Duration { .seconds(1) }

    let queue: any DeliveryQueue
    let worker: MessagingAPI.WorkerIdentity
    let readiness: Readiness
    /// Nil for a worker that nothing holds up.
    let fence: RestoreFence?
    /// Nil for a worker that does not speak to providers.
    let checks: CheckCredentials?
    let clock: any MonotonicClock
    let time: DatabaseTime
    let logger: Logger
    /// Ends this process as SIGTERM does; its supervisor starts the next.
    let restart: @Sendable () -> Void
    private let failed = Counter(label: "herald_heartbeat_failures_total")

    init(
        queue: any DeliveryQueue,
        worker: MessagingAPI.WorkerIdentity,
        readiness: Readiness,
        fence: RestoreFence? = nil,
        checks: CheckCredentials? = nil,
        clock: any MonotonicClock,
        time: DatabaseTime = DatabaseTime(),
        logger: Logger,
        restart: @escaping @Sendable () -> Void
    ) {
        self.queue = queue
        self.worker = worker
        self.readiness = readiness
        self.fence = fence
        self.checks = checks
        self.clock = clock
        self.time = time
        self.logger = logger
        self.restart = restart
    }

    func run() async {
        try? await cancelWhenGracefulShutdown {
            var failures = 0
            var mayRestart = true
            var isClockRight = true
            while true {
                let due = self.clock.now + Self.interval
                do {
                    let beat = MessagingAPI.HeartbeatRequest(
                        self.worker,
                        memory: self.fence?.memory,
                        checks: self.checks?.free
                    )
                    let asked = Timestamp.now
                    let answer = try await self.queue.heartbeat(beat)
                    let answered = Timestamp.now
                    self.time.hear(answer.now, askedAt: asked, answeredAt: answered)
                    self.compareClocks(answer.now, asked: asked, answered: answered, wasRight: &isClockRight)
                    self.readiness.succeeded()
                    self.fence?.hear(answer.standing)
                    self.checks?.begin(answer.checks ?? [])
                    failures = 0
                    if answer.restart, mayRestart {
                        // Heartbeats go on while it ends, and are answered the same.
                        mayRestart = false
                        self.logger.notice("worker ends: the operator wants it started anew")
                        self.restart()
                    }
                } catch {
                    failures += 1
                    self.failed.increment()
                    if failures == 1 { self.logger.warning("heartbeat failed") }
                }
                try await self.clock.sleep(until: due, tolerance: nil)
            }
        }
    }

    /// Says once that a clock is wrong: times that this worker tells are.
    private func compareClocks(_ theirs: Timestamp?, asked: Timestamp, answered: Timestamp, wasRight: inout Bool) {
        guard let theirs else { return }
        let distance = ClockDistance.text(of: theirs, askedFrom: asked, to: answered)
        defer { wasRight = distance == nil }
        guard let distance, wasRight else { return }
        self.logger.warning(
            "the database's clock is \(distance) this machine's: set the one that is wrong; what is signed has the database's time"
        )
    }
}
