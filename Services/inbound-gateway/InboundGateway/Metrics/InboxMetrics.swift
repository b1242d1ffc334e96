import Foundation
import Metrics
import Shared
import Telemetry

/// What is measured of the inbox.
struct InboxMetrics: Sendable {
    private struct Stored: Hashable {
        let provider: ProviderKind
        let kind: InboxKind
    }

    private struct Settled: Hashable {
        let kind: InboxKind
        let state: InboxState
    }

    private let stored: MetricFamily<Stored, Counter>
    private let settled: MetricFamily<Settled, Counter>
    private let delays: MetricFamily<InboxKind, Metrics.Timer>
    private let pending: MetricFamily<InboxKind, Gauge>
    private let oldest: MetricFamily<InboxKind, Gauge>
    private let open: MetricFamily<InboxKind, Gauge>
    private let lastSweep: Gauge

    init(factory: any MetricsFactory) {
        self.stored = MetricFamily("herald_inbox_events_total", factory: factory) {
            [("provider", $0.provider.rawValue), ("kind", $0.kind.rawValue)]
        }
        self.settled = MetricFamily("herald_inbox_settled_total", factory: factory) {
            [("kind", $0.kind.rawValue), ("state", $0.state.rawValue)]
        }
        self.delays = MetricFamily("herald_inbox_delay_seconds", factory: factory, labels: Self.kind)
        self.pending = MetricFamily("herald_inbox_pending", factory: factory, labels: Self.kind)
        self.oldest = MetricFamily("herald_inbox_oldest_pending_seconds", factory: factory, labels: Self.kind)
        self.open = MetricFamily("herald_inbox_lane_open", factory: factory, labels: Self.kind)
        self.settled.prepare(
            [InboxKind.report, .message, .optOut].flatMap { kind in
                [InboxState.done, .pending, .failed].map { Settled(kind: kind, state: $0) }
            }
        )
        self.lastSweep = Gauge(label: "herald_inbox_retention_last_sweep_timestamp_seconds", factory: factory)
    }

    @Sendable private static func kind(_ kind: InboxKind) -> [(String, String)] { [("kind", kind.rawValue)] }

    func stored(_ event: NewInboxEvent) {
        self.stored[Stored(provider: event.provider, kind: event.kind)].increment()
    }

    func settled(_ settlement: Settlement, at now: Timestamp) {
        self.settled[Settled(kind: settlement.event.kind, state: settlement.state)].increment()
        guard settlement.state == .done else { return }
        self.delays[settlement.event.kind].record(duration: now - settlement.event.arrivedAt)
    }

    func swept() { self.lastSweep.record(Date().timeIntervalSince1970) }

    /// What a look at the inbox found; `age` is of the oldest.
    func waiting(_ kind: InboxKind, count: Int, age: Duration) {
        self.pending[kind].record(count)
        self.oldest[kind].record(max(0, Double(age.microseconds) / 1e6))
    }

    func lane(_ kind: InboxKind, isOpen: Bool) { self.open[kind].record(isOpen ? 1 : 0) }
}
