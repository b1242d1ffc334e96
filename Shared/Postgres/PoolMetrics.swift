import Metrics
import Telemetry

/// What is measured of one pool.
struct PoolMetrics: Sendable {
    private let lent: Meter
    private let up: Gauge
    private let waits: Timer
    private let uses: Timer
    private let failures: MetricFamily<String, Counter>

    init(_ name: String, size: Int) {
        let labels = [("pool", name)]
        Gauge(label: "herald_postgres_connections_max", dimensions: labels).record(size)
        self.lent = Meter(label: "herald_postgres_connections_lent", dimensions: labels)
        self.up = Gauge(label: "herald_postgres_up", dimensions: labels)
        self.waits = Timer(label: "herald_postgres_wait_seconds", dimensions: labels)
        self.uses = Timer(label: "herald_postgres_use_seconds", dimensions: labels)
        self.failures = MetricFamily("herald_postgres_failures_total") { labels + [("reason", $0)] }
        // Until a try says otherwise.
        self.up.record(1)
        self.failures.prepare(["exhausted", "unavailable", "lost", "timeout"])
    }

    func began() -> ContinuousClock.Instant {
        self.lent.increment()
        return .now
    }

    func ended(_ began: ContinuousClock.Instant) {
        self.lent.decrement()
        self.uses.record(duration: began.duration(to: .now))
    }

    func waited(_ duration: Duration) { self.waits.record(duration: duration) }

    func isUp(_ isUp: Bool) { self.up.record(isUp ? 1 : 0) }

    /// Counts what concerns the server or the pool; what lies in a statement is its caller's.
    func failed(_ error: any Error) {
        let reason: String? =
            switch error as? PostgresError {
            case .poolExhausted: "exhausted"
            case .unavailable: "unavailable"
            case .connectionLost, .commitUnknown: "lost"
            case .statementTimeout: "timeout"
            case nil, .uniqueViolation, .checkViolation, .foreignKeyViolation, .notNullViolation, .lockTimeout,
                .serializationFailure, .server, .decoding:
                nil
            }
        if let reason { self.failures[reason].increment() }
    }
}
