import Metrics
import Shared
import Telemetry
import Tracing

/// What is measured of claims; each claimed message's wait becomes a span of its trace.
struct ClaimMetrics: Sendable {
    private let transactions = Timer(label: "herald_claim_duration_seconds")
    private let leases = MetricFamily<Shared.Category, Counter>("herald_leases_total") { [("priority", $0.rawValue)] }
    private let delays = MetricFamily<Shared.Category, Timer>("herald_lease_delay_seconds") {
        [("priority", $0.rawValue)]
    }

    func ended(after duration: Duration) { self.transactions.record(duration: duration) }

    /// `now` is by the organization's clock, as a message's due time is.
    func claimed(_ message: ClaimedMessage, now: Timestamp) {
        self.leases[message.category].increment()
        guard let dueAt = message.dueAt else { return }
        self.delays[message.category].record(duration: now - dueAt)
        guard let traceParent = message.traceParent else { return }
        Traces.note(
            "wait in queue",
            within: traceParent,
            from: dueAt,
            to: now,
            [
                "herald.message.id": .string("\(message.messageID)"), "herald.org.id": .string("\(message.orgID)"),
                "herald.attempt": .int(Int64(message.epoch)),
            ]
        )
    }
}
