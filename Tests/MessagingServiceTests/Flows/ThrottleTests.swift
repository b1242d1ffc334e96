import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// A provider that finds us too fast: no attempt is spent.
@Suite(.messaging) struct ThrottleTests {
    private let error = ProviderError(code: "130429", detail: "Rate limit hit.")

    @Test func theWholeAccountPauses() async throws {
        let (fixture, lease) = try await self.throttled(.account)
        #expect(try await fixture.offerAndLease().isEmpty)
        let flow = try await fixture.flow()
        #expect(flow.gate == .open)
        #expect(flow.refilledAt > .now + .seconds(20))
        #expect(try await fixture.status(of: lease.messageID) == .queued)
        try await fixture.rows("UPDATE account_flows SET refilled_at = now() - interval '1 second'")
        // The others go on, and the one that was told to wait still waits.
        #expect(try await fixture.offerAndLease().count == 3)
    }

    @Test func onlyTheMessagesToOneRecipientPause() async throws {
        let (fixture, lease) = try await self.throttled(.recipient)
        let others = try await fixture.offerAndLease()
        #expect(others.count == 3)
        #expect(!others.map(\.messageID).contains(lease.messageID))
        #expect(try await fixture.flow().refilledAt < .now + .seconds(1))
    }

    @Test func itKeepsItsPlaceHoweverLongItTakes() async throws {
        let fixture = try MessagingFixture(conversations: .byRecipient)
        let first = try await fixture.send("first", to: "+15550000001")
        let second = try await fixture.send("second", to: "+15550000001")
        let lease = try #require(try await fixture.leaseNow().first)
        try await fixture.tell(.throttled(self.error, retryAfter: .seconds(3000), scope: .recipient), of: lease)
        #expect(try await fixture.states(of: [first, second]) == [.ready, .waiting])
        let row = try #require(try await fixture.queued(first))
        #expect(row.dueAt > .now + .seconds(2000))
        let attempt = try await fixture.row("SELECT state::text, error_class::text, stepped_aside FROM attempts")
        #expect(try attempt.get("error_class") == "throttled")
        #expect(try attempt.get("stepped_aside") == false)
        #expect(try await fixture.count("SELECT attempt_count AS count FROM messages WHERE id = \(first)") == 0)
    }

    @Test func aPauseOfWhatIsLimitedToARateLeavesOneToken() async throws {
        let fixture = try MessagingFixture()
        // So slow that no second token comes while the test runs.
        let rate = try #require(JSONNumber("0.01"))
        try await fixture.account(.sandbox, ["rate_per_second": .number(rate), "burst": 5])
        try await fixture.sendBatch(6)
        let lease = try #require(try await fixture.leaseNow(slots: 1).first)
        try await fixture.tell(.throttled(self.error, retryAfter: .seconds(30), scope: .account), of: lease)
        try await fixture.rows("UPDATE account_flows SET refilled_at = now()")
        #expect(try await fixture.offerAndLease().count == 1)
    }

    /// Four messages, of which one was throttled for half a minute.
    private func throttled(_ scope: ThrottleScope) async throws -> (MessagingFixture, MessagingAPI.Lease) {
        let fixture = try MessagingFixture()
        try await fixture.sendBatch(4)
        let lease = try #require(try await fixture.leaseNow(slots: 1).first)
        try await fixture.tell(.throttled(self.error, retryAfter: .seconds(30), scope: scope), of: lease)
        return (fixture, lease)
    }
}
