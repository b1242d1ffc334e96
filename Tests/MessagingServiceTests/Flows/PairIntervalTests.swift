import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// A distance between two messages to one recipient, as WhatsApp wants it.
@Suite(.messaging) struct PairIntervalTests {
    private static let ann = "+14155550100"

    @Test func theSecondOfAConversationWaitsForItsDistance() async throws {
        let fixture = try await self.fixture(milliseconds: 60_000)
        let ids = try await self.send(["first", "second"], fixture)
        let lease = try #require(try await fixture.leaseNow().first)
        let leasedAt = try #require(try await fixture.queued(ids[0])?.lease?.leasedAt)
        try await fixture.tell(.accepted(providerMessageID: "wamid.1"), of: lease)
        let second = try #require(try await fixture.queued(ids[1]))
        #expect(second.state == .ready)
        #expect(second.dueAt == leasedAt + .seconds(60))
        #expect(try await fixture.offerAndLease().isEmpty)
        try await fixture.rows("UPDATE outbox SET due_at = now()")
        #expect(try await fixture.offerAndLease().map(\.messageID) == [ids[1]])
    }

    @Test func whoComesLaterWaitsForItToo() async throws {
        let fixture = try await self.fixture(milliseconds: 60_000)
        try await self.send(["first"], fixture)
        let lease = try #require(try await fixture.leaseNow().first)
        try await fixture.tell(.accepted(providerMessageID: "wamid.1"), of: lease)
        let later = try await self.send(["later"], fixture)
        #expect(try await fixture.queued(later[0])?.state == .ready)
        #expect(try await fixture.offerAndLease().isEmpty)
    }

    /// The recipient may have got it.
    @Test(arguments: ["failed", "uncertain"]) func anAttemptOfWhateverOutcomeKeepsTheDistance(name: String) async throws
    {
        let fixture = try await self.fixture(milliseconds: 60_000)
        let ids = try await self.send(["first", "second"], fixture)
        let lease = try #require(try await fixture.leaseNow().first)
        let error = ProviderError(code: "131053", detail: "Media upload error.")
        try await fixture.tell(name == "failed" ? .rejected(error) : .uncertain(error), of: lease)
        try await fixture.rows("UPDATE outbox SET hold_until = now(), due_at = now() WHERE state = 'uncertain'")
        try await fixture.sweep.releaseUncertain()
        #expect(
            try await fixture.row("SELECT state::text FROM outbox WHERE message_id = \(ids[1])").get("state") == "ready"
        )
        #expect(try await fixture.offerAndLease().isEmpty)
    }

    @Test func oneTimeCodesAreNotHeldToIt() async throws {
        let fixture = try await self.fixture(milliseconds: 60_000)
        let codes = try await self.send(["1", "2"], fixture, ["category": "otp"])
        for id in codes {
            let lease = try #require(try await fixture.leaseNow().first)
            #expect(lease.messageID == id)
            try await fixture.tell(.accepted(providerMessageID: "wamid.\(id)"), of: lease)
        }
        // Nor do they hold up the others.
        let text = try await self.send(["text"], fixture)
        #expect(try await fixture.leaseNow().map(\.messageID) == text)
    }

    @Test func otherRecipientsHaveTheirOwnDistance() async throws {
        let fixture = try await self.fixture(milliseconds: 60_000)
        try await self.send(["first", "second"], fixture)
        let other = try await fixture.send("other", to: "+14155550101", ["channel": "whatsapp"])
        let leases = try await fixture.leaseNow()
        #expect(leases.count == 2)
        try await fixture.tell(.accepted(providerMessageID: "wamid.1"), of: leases)
        #expect(try await fixture.status(of: other) == .sent)
        #expect(try await fixture.offerAndLease().isEmpty)
    }

    @Test func withoutAnIntervalTheNextGoesAtOnce() async throws {
        let fixture = try await self.fixture(milliseconds: 0)
        let ids = try await self.send(["first", "second"], fixture)
        let lease = try #require(try await fixture.leaseNow().first)
        try await fixture.tell(.accepted(providerMessageID: "wamid.1"), of: lease)
        #expect(try await fixture.leaseNow().map(\.messageID) == [ids[1]])
    }

    @Test func sixSecondsAreUsual() async throws {
        let fixture = try MessagingFixture()
        let account = try await fixture.account(.whatsappCloud)
        #expect(try await fixture.flow(of: account).limits.rules.pairInterval == .seconds(6))
        #expect(try await fixture.flow(of: account).limits.rate == 80)
    }

    private func fixture(milliseconds: Int) async throws -> MessagingFixture {
        let fixture = try MessagingFixture(conversations: .byRecipient)
        try await fixture.account(.whatsappCloud, ["pair_interval_ms": .number(JSONNumber(milliseconds))])
        return fixture
    }

    @discardableResult
    private func send(
        _ bodies: [String],
        _ fixture: MessagingFixture,
        _ fields: JSONObject = [:]
    ) async throws -> [MessageID] {
        var fields = fields
        fields["channel"] = "whatsapp"
        var ids: [MessageID] = []
        for body in bodies { ids.append(try await fixture.send(body, to: Self.ann, fields)) }
        return ids
    }
}
