import InternalAPI
import Metrics
import Postgres
import Shared
import Telemetry
import TestSupport
import Testing

@testable import MessagingService

/// What is measured of the queue, and what measuring it costs.
@Suite(.messaging) struct SampleQueueTests {
    private func sampled(
        _ fixture: MessagingFixture,
        byOrganization: Bool = false
    ) async throws -> Set<String> {
        let registry = MetricsRegistry()
        let sample = withMetricsFactory(registry) {
            SampleQueue(engine: fixture.engine, namesOrganizations: byOrganization, logger: .quiet)
        }
        try await sample.sample()
        return Set(registry.text.split(separator: "\n").map(String.init))
    }

    @Test func whatWaitsIsCountedByChannelPriorityAndState() async throws {
        let fixture = try MessagingFixture()
        for number in 1...3 { try await fixture.send("Hello", to: "+1555000000\(number)") }
        try await fixture.send("123456", to: "+15550000001", ["category": "otp"])
        let lines = try await self.sampled(fixture, byOrganization: true)
        let kind = "herald_outbox_messages{channel=\"sandbox\",priority="
        #expect(lines.contains("\(kind)\"transactional\",state=\"ready\"} 3"))
        #expect(lines.contains("\(kind)\"otp\",state=\"ready\"} 1"))
        // What is not there is 0, and not missing.
        #expect(lines.contains("\(kind)\"otp\",state=\"leased\"} 0"))
        #expect(lines.contains("herald_outbox_messages{channel=\"push\",priority=\"marketing\",state=\"held\"} 0"))
        #expect(lines.contains("herald_outbox_org_messages{org_id=\"\(fixture.orgID)\"} 4"))
        #expect(lines.contains("herald_accounts{gate=\"open\"} 1"))
        #expect(lines.contains("herald_accounts{gate=\"parked\"} 0"))
        #expect(lines.contains("herald_sends_paused 0"))
    }

    @Test func noOrganizationIsNamedUnlessThatIsAskedFor() async throws {
        let fixture = try MessagingFixture()
        try await fixture.send()
        let lines = try await self.sampled(fixture)
        #expect(!lines.contains { $0.contains("\(fixture.orgID)") || $0.contains("org_id") })
    }

    @Test func theOldestIsThatOfAccountsThatMaySend() async throws {
        let fixture = try MessagingFixture()
        try await fixture.send()
        try await fixture.rows("UPDATE outbox SET due_at = due_at - interval '90 seconds'")
        let name = "herald_outbox_oldest_due_seconds{channel=\"sandbox\",priority=\"transactional\"} "
        let age = try await self.sampled(fixture).first { $0.hasPrefix(name) }.flatMap {
            Double($0.dropFirst(name.count))
        }
        #expect((90..<150).contains(try #require(age)))
        try await fixture.rows("UPDATE account_flows SET gate = 'parked', gate_since = now()")
        #expect(try await self.sampled(fixture).contains("\(name)0"))
        #expect(try await self.sampled(fixture).contains("herald_accounts{gate=\"parked\"} 1"))
    }

    /// Thirty thousand messages, and a part of them is read.
    @Test(.timeLimit(.minutes(5))) func whatALookReadsDoesNotGrowWithTheQueue() async throws {
        let fixture = try MessagingFixture()
        try await fixture.send()
        for _ in 0..<10 { try await self.grow(fixture, by: 3000) }
        let registry = MetricsRegistry()
        let sample = withMetricsFactory(registry) { SampleQueue(engine: fixture.engine, logger: .quiet) }
        try await sample.sample()
        // An estimate from a part of the pages.
        let name = "herald_outbox_messages{channel=\"sandbox\",priority=\"transactional\",state=\"scheduled\"} "
        let count = registry.text.split(separator: "\n").first { $0.hasPrefix(name) }
            .flatMap { Double($0.dropFirst(name.count)) }
        #expect((22_000..<38_000).contains(try #require(count)))
        let plans = try await fixture.engine.run { connection in
            let pages = try connection.query("SELECT pg_relation_size('outbox') / 8192 AS pages").first
            let percent =
                100 * Double(QueueSampleStore.pages) / Double(try #require(try pages?.get("pages", as: Int.self)))
            #expect(percent < 70)
            return (
                try connection.explain(QueueSampleStore.counts(in: percent)),
                try connection.explain(QueueSampleStore.oldest)
            )
        }
        #expect(Self.buffers(plans.0) < QueueSampleStore.pages * 3 / 2, "\(plans.0)")
        #expect(Self.buffers(plans.1) < 60, "\(plans.1)")
    }

    /// Pages that a plan read, of its topmost node.
    private static func buffers(_ plan: [String]) -> Int {
        guard let line = plan.first(where: { $0.contains("Buffers: shared") }) else { return .max }
        return line.matches(of: /(?:hit|read)=(\d+)/).reduce(0) { $0 + (Int($1.output.1) ?? 0) }
    }

    /// Fills the outbox with messages that are planned for later.
    private func grow(_ fixture: MessagingFixture, by count: Int) async throws {
        try await fixture.rows(
            """
            WITH first AS (SELECT * FROM messages LIMIT 1), made AS (
                INSERT INTO messages (org_id, id, channel, category, status, recipient, customer_id, conversation_id,
                                      account_id, content, retry_delays, on_uncertain, created_at, updated_at)
                SELECT org_id, gen_random_uuid(), channel, category, 'scheduled', recipient, customer_id, gen_random_uuid(),
                       account_id, content, retry_delays, on_uncertain, created_at, updated_at
                  FROM first CROSS JOIN generate_series(1, \(count)) RETURNING org_id, id, account_id, conversation_id)
            INSERT INTO outbox (org_id, message_id, account_id, class, due_at, state, conversation_id, channel)
            SELECT org_id, id, account_id, 1, now() + interval '1 day', 'scheduled', conversation_id, 'sandbox' FROM made
            """
        )
    }
}
