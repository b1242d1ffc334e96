import InternalAPI
import Metrics
import Postgres
import Shared
import Telemetry
import TestSupport
import Testing
import Tracing

@testable import MessagingService

/// What a message's life leaves in numbers and in its trace.
@Suite(.messaging) struct DeliveryMetricsTests {
    private static let traceParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    @Test func eachStepIsCountedOnce() async throws {
        let registry = MetricsRegistry()
        try await withMetricsFactory(registry) {
            let fixture = try MessagingFixture()
            try await fixture.send()
            let lease = try #require(try await fixture.leaseNow().first)
            for _ in 0..<2 { try await fixture.settle([self.sent(lease)]) }
            _ = try await fixture.apply([self.report(.read, lease)])
        }
        let lines = Set(registry.text.split(separator: "\n").map(String.init))
        for line in [
            "herald_messages_created_total{channel=\"sandbox\",priority=\"transactional\"} 1",
            "herald_leases_total{priority=\"transactional\"} 1",
            "herald_lease_delay_seconds_count{priority=\"transactional\"} 1",
            "herald_send_delay_seconds_count{channel=\"sandbox\",priority=\"transactional\"} 1",
            "herald_messages_settled_total{status=\"sent\"} 1", "herald_messages_settled_total{status=\"read\"} 1",
            "herald_messages_settled_total{status=\"failed\"} 0",
            "herald_delivery_events_total{source=\"worker\",kind=\"sent\",effect=\"applied\"} 1",
            "herald_delivery_events_total{source=\"worker\",kind=\"sent\",effect=\"ignored\"} 1",
            "herald_delivery_events_total{source=\"provider\",kind=\"read\",effect=\"applied\"} 1",
        ] { #expect(lines.contains(line), "\(line)") }
    }

    /// A provider's webhook may be quicker than the worker that sent the message.
    @Test func theDelayIsMeasuredOnceByWhicheverTellsFirst() async throws {
        let registry = MetricsRegistry()
        try await withMetricsFactory(registry) {
            let fixture = try MessagingFixture()
            try await fixture.send()
            let lease = try #require(try await fixture.leaseNow().first)
            _ = try await fixture.apply([self.report(.read, lease)])
            try await fixture.settle([self.sent(lease)])
        }
        let name = "herald_send_delay_seconds_count{channel=\"sandbox\",priority=\"transactional\"} "
        #expect(registry.text.split(separator: "\n").filter { $0.hasPrefix(name) } == ["\(name)1"])
    }

    @Test func theTraceOfTheRequestGoesWithTheMessage() async throws {
        let queue = SpanQueue()
        try await withTracer(SpanTracer(queue: queue)) {
            let fixture = try MessagingFixture()
            let trace = RequestTrace(requestID: "r", traceParent: Self.traceParent)
            try await RequestTrace.$current.withValue(trace) { _ = try await fixture.send() }
            let lease = try #require(try await fixture.leaseNow().first)
            #expect(lease.traceParent == Self.traceParent)
            try await fixture.settle([self.sent(lease)])
            let answer = try await fixture.applyReports([self.report(.read, lease)])
            #expect(answer.traceParents == [Self.traceParent])
            // A message without one makes no spans.
            try await fixture.send("Hello", to: "+15550000002")
            let other = try #require(try await fixture.leaseNow().first)
            #expect(other.traceParent == nil)
            try await fixture.settle([self.sent(other)])
        }
        let spans = queue.take(atMost: 10)
        #expect(spans.map(\.name) == ["wait in queue", "settle", "settle"])
        #expect(spans.allSatisfy { $0.trace.traceID.description == "4bf92f3577b34da6a3ce929d0e0e4736" })
        #expect(spans.allSatisfy { $0.parentID == 0x00f0_67aa_0ba9_02b7 })
    }

    private func sent(_ lease: MessagingAPI.Lease) -> AttemptEvent {
        let told = MessagingAPI.AttemptOutcome(
            orgID: lease.orgID,
            reference: lease.reference,
            outcome: .accepted(providerMessageID: "wamid.\(lease.reference)"),
            startedAt: .now,
            endedAt: .now
        )
        return AttemptEvent(told, by: MessagingAPI.WorkerIdentity(name: "w", incarnation: 1))
    }

    private func report(_ status: ProviderReport.Status, _ lease: MessagingAPI.Lease) -> MessagingAPI.AccountReport {
        MessagingAPI.AccountReport(
            orgID: lease.orgID,
            accountID: lease.accountID,
            report: ProviderReport(
                eventKey: "k",
                reference: lease.reference,
                providerMessageID: nil,
                status: status,
                occurredAt: .now
            )
        )
    }
}
