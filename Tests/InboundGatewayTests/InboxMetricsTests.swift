import InboundGateway
import InternalAPI
import Shared
import Telemetry
import TestSupport
import Testing

/// What is measured of the inbox while a service is away, and after.
@Suite(.database(migrations: InboundMigrations.all, role: "inbound"), .timeLimit(.minutes(5)))
struct InboxMetricsTests {
    @Test func whatWaitsIsShownUntilItHasHadItsEffect() async throws {
        let account = MessagingAPI.WebhookAccount.whatsApp()
        let registry = MetricsRegistry()
        var policy = InboxPolicy.quick
        policy.sampleInterval = .milliseconds(20)
        try await Gateway.run([account], policy: policy, metrics: registry) { gateway async throws in
            func shows(_ lines: String...) -> Bool { lines.allSatisfy { registry.text.contains("\n\($0)\n") } }
            let body = Payloads.statuses(["wamid.0"], number: account.number ?? "")
            #expect(try await gateway.meta(body, secret: "app secret A").status == 200)
            let (pending, open) = ("herald_inbox_pending{kind=\"report\"}", "herald_inbox_lane_open{kind=\"report\"}")
            try await eventually { shows("\(pending) 0", "\(open) 1") }
            gateway.messaging.set(.down)
            let more = Payloads.statuses(["wamid.1", "wamid.2"], number: account.number ?? "")
            #expect(try await gateway.meta(more, secret: "app secret A").status == 200)
            try await eventually { shows("\(pending) 2", "\(open) 0") }
            gateway.messaging.set(.up)
            try await eventually { shows("\(pending) 0", "\(open) 1") }
            let settled = "herald_inbox_settled_total{kind=\"report\",state="
            try await eventually { shows("\(settled)\"done\"} 3") }
            #expect(!shows("\(settled)\"pending\"} 0"))
            #expect(shows("\(settled)\"failed\"} 0", "herald_inbox_delay_seconds_count{kind=\"report\"} 3"))
            #expect(shows("herald_inbox_events_total{provider=\"whatsapp_cloud\",kind=\"report\"} 3"))
        }
    }
}
