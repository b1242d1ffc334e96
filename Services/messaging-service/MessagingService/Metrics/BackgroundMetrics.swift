import Metrics
import Telemetry

/// Counts rounds of work beside the requests that failed, by a task's fixed name.
struct BackgroundMetrics: Sendable {
    private let failures = MetricFamily<String, Counter>("herald_background_failures_total") { [("task", $0)] }
    private let ended = Counter(label: "herald_leases_ended_total")
    private let mended = Counter(label: "herald_lanes_mended_total")

    init() {
        // Those that Prometheus must see from the beginning; the others' failures count from their first.
        self.failures.prepare(["leases", "lanes", "unmatched reports", "retention", "queue sample"])
    }

    func failed(_ task: String, _ error: any Error) {
        guard !(error is CancellationError) else { return }
        self.failures[task].increment()
    }

    func endedLeases(_ count: Int) { self.ended.increment(by: count) }
    func mendedLanes(_ count: Int) { self.mended.increment(by: count) }
}
