import Foundation
import Metrics
import Shared

/// What is measured of the retention's sweeps.
struct RetentionMetrics: Sendable {
    private let removed = Counter(label: "herald_retention_messages_total", dimensions: [("outcome", "removed")])
    private let left = Counter(label: "herald_retention_messages_total", dimensions: [("outcome", "left")])
    private let lastSweep = Gauge(label: "herald_retention_last_sweep_timestamp_seconds")
    private let background = BackgroundMetrics()

    func swept(_ counts: [OrgID: RetentionCount]) {
        self.removed.increment(by: counts.values.reduce(0) { $0 + $1.removed })
        self.left.increment(by: counts.values.reduce(0) { $0 + $1.left })
        self.lastSweep.record(Date().timeIntervalSince1970)
    }

    func failed(_ error: any Error) { self.background.failed("retention", error) }
}
