import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// What happens to messages stands in the timeline of their conversation.
@Suite(.messaging) struct ActivityTests {
    private static let refusal = ProviderError(code: "131026", detail: "Undeliverable.")

    @Test func aMessageThatArrivesLeavesItsWay() async throws {
        let fixture = try MessagingFixture()
        let lease = try await self.accepted(fixture)
        for status in [ProviderReport.Status.sent, .delivered, .delivered, .read] {
            try await self.report(status, of: lease, fixture)
        }
        #expect(
            try await fixture.activities() == [
                "MESSAGE_SENT", "MESSAGE_STATUS_UPDATE delivered", "MESSAGE_STATUS_UPDATE read",
            ]
        )
        let actors = try await fixture.rows("SELECT actor FROM activities ORDER BY id")
        #expect(try actors.map { try $0.get("actor") } == ["engine", "provider", "provider"])
    }

    /// Whoever read it had it delivered, and later news of that is no news.
    @Test func inEveryOrderTheSameIsKnown() async throws {
        let fixture = try MessagingFixture()
        for order in permutations(of: [ProviderReport.Status.sent, .delivered, .read]) {
            try await fixture.send()
            let lease = try #require(try await fixture.leaseNow().first)
            for status in order { try await self.report(status, of: lease, fixture) }
            try await fixture.tell(.accepted(providerMessageID: "SM1"), of: lease)
            let lines = try await fixture.rows(
                """
                SELECT type::text || coalesce(' ' || detail, '') AS line FROM activities
                 WHERE message_id = \(lease.messageID) ORDER BY 1
                """
            )
            #expect(
                try lines.map { try $0.get("line") } == [
                    "MESSAGE_SENT", "MESSAGE_STATUS_UPDATE delivered", "MESSAGE_STATUS_UPDATE read",
                ]
            )
        }
    }

    @Test func anEndWithoutArrivalSaysWhy() async throws {
        let fixture = try MessagingFixture()
        try await fixture.send("x", to: "+15550000004", ["retry": ["max_retries": 0]])
        let lease = try #require(try await fixture.leaseNow().first)
        try await fixture.tell(.rejected(Self.refusal), of: lease)
        #expect(try await fixture.activities() == ["MESSAGE_FAILED 131026"])
        try await fixture.send()
        try await fixture.rows("UPDATE outbox SET expires_at = now() - interval '1 second'")
        try await fixture.sweep.expire()
        #expect(try await fixture.activities() == ["MESSAGE_FAILED 131026", "MESSAGE_FAILED expired"])
    }

    @Test func whatAPersonDecidesIsTheirs() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()
        let lease = try #require(try await fixture.leaseNow().first)
        try await fixture.tell(.uncertain(Self.refusal), of: lease)
        try await fixture.resolve(id, as: .sent)
        let row = try await fixture.row("SELECT type::text, actor FROM activities")
        #expect(try row.get("type") == "MESSAGE_SENT")
        #expect(try row.get("actor") == "key:person")
    }

    /// A provider's clock may be wrong in both directions.
    @Test(arguments: [Duration.seconds(-86_400 * 365), .seconds(86_400)])
    func nothingHappensBeforeItsMessageOrAfterNow(shift: Duration) async throws {
        let fixture = try MessagingFixture()
        let lease = try await self.accepted(fixture)
        try await self.report(.delivered, of: lease, fixture, at: .now + shift)
        let row = try await fixture.row(
            """
            SELECT bool_and(a.at >= m.created_at - interval '1 second' AND a.at <= m.updated_at) AS is_between, count(*) AS count
              FROM activities a JOIN messages m ON m.org_id = a.org_id AND m.id = a.message_id
            """
        )
        #expect(try row.get("is_between") == true)
        // So it goes with its message.
        #expect(try row.get("count") == 2)
        try await fixture.act(.delete, on: lease.messageID)
        #expect(try await fixture.activities().isEmpty)
    }

    @Test func theyGoWithTheirMessageAndWithNoOther() async throws {
        let fixture = try MessagingFixture(conversations: .byRecipient)
        for _ in 0..<3 {
            try await fixture.send()
            let lease = try #require(try await fixture.leaseNow().first)
            try await fixture.tell(.accepted(providerMessageID: "SM-\(lease.messageID)"), of: lease)
        }
        let rows = try await fixture.rows("SELECT message_id FROM activities ORDER BY id")
        let ids = try rows.map { try $0.get("message_id", as: MessageID.self) }
        try await fixture.act(.delete, on: ids[1])
        let left = try await fixture.rows("SELECT message_id FROM activities ORDER BY id")
        #expect(try left.map { try $0.get("message_id") } == [ids[0], ids[2]])
    }

    private func accepted(_ fixture: MessagingFixture) async throws -> MessagingAPI.Lease {
        try await fixture.send()
        let lease = try #require(try await fixture.leaseNow().first)
        try await fixture.tell(.accepted(providerMessageID: "SM1"), of: lease)
        return lease
    }

    private func report(
        _ status: ProviderReport.Status,
        of lease: MessagingAPI.Lease,
        _ fixture: MessagingFixture,
        at time: Timestamp? = nil
    ) async throws {
        let report = ProviderReport(
            eventKey: "\(MessageID.new())",
            reference: lease.reference,
            providerMessageID: "SM1",
            status: status,
            occurredAt: time
        )
        _ = try await fixture.apply([.init(orgID: lease.orgID, accountID: lease.accountID, report: report)])
    }
}
