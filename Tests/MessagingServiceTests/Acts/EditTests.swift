import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// What a message says, to whom, and when, is changed while it has not left.
@Suite(.messaging) struct EditTests {
    private static let (ann, bob) = ("+15550000001", "+15550000002")

    @Test func whatItSaysAloneLeavesItInItsPlace() async throws {
        let (fixture, ids) = try await self.filled()
        let before = try #require(try await fixture.queued(ids[1]))
        try await fixture.edit(ids[1], ["body": "changed", "reference": "order-17", "metadata": ["a": 1]])
        let after = try #require(try await fixture.queued(ids[1]))
        #expect(after == before)
        try await self.sendFirst(of: fixture)
        let lease = try #require(try await fixture.leaseNow().first)
        #expect(lease.messageID == ids[1])
        #expect(lease.content.body == "changed")
        let row = try await fixture.row("SELECT reference, metadata::text FROM messages WHERE id = \(ids[1])")
        #expect(try row.get("reference") == "order-17")
        #expect(try row.get("metadata") == #"{"a":1}"#)
    }

    @Test func anotherRecipientIsAnotherConversation() async throws {
        let (fixture, ids) = try await self.filled()
        let other = try await fixture.send("to Bob", to: Self.bob)
        try await fixture.edit(ids[0], ["to": .string(Self.bob)])
        // The second is first now, and the edited one stands behind the message that was there.
        #expect(try await fixture.states(of: [ids[0], ids[1], ids[2], other]) == [.waiting, .ready, .waiting, .ready])
        #expect(try await fixture.lane(of: other).waiting == 1)
        #expect(try await fixture.lane(of: ids[1]).waiting == 1)
        let conversations = try await fixture.count(
            "SELECT count(DISTINCT conversation_id) AS count FROM messages WHERE id = ANY (\([ids[0], other])::uuid[])"
        )
        #expect(conversations == 1)
        let leases = try await fixture.leaseNow()
        #expect(Set(leases.map(\.messageID)) == [ids[1], other])
        try await fixture.tell(.accepted(providerMessageID: "SM1"), of: leases)
        let edited = try #require(try await fixture.leaseNow().first { $0.messageID == ids[0] })
        #expect(edited.to == Self.bob)
    }

    @Test func anotherCategoryIsAnotherLane() async throws {
        let (fixture, ids) = try await self.filled()
        try await fixture.edit(ids[2], ["category": "otp"])
        #expect(try await fixture.states(of: ids) == [.ready, .waiting, .ready])
        #expect(try await fixture.queued(ids[2])?.laneKey.urgency == .otp)
    }

    @Test func aFailedMessageReturnsToTheQueue() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()
        let lease = try #require(try await fixture.leaseNow().first)
        try await fixture.tell(.rejected(ProviderError(code: "21211", detail: "Invalid number.")), of: lease)
        try await fixture.edit(id, ["to": .string(Self.bob)])
        #expect(try await fixture.status(of: id) == .queued)
        #expect(try await fixture.count("SELECT count(*) AS count FROM dead_letters") == 0)
        let again = try #require(try await fixture.leaseNow().first)
        #expect(again.reference == AttemptReference(messageID: id, number: 2))
        #expect(again.to == Self.bob)
    }

    @Test func withoutATimeItIsSentNow() async throws {
        let fixture = try MessagingFixture()
        let id = try await self.scheduled(fixture)
        try await fixture.edit(id, ["scheduled_at": .null])
        #expect(try await fixture.status(of: id) == .queued)
        #expect(try await fixture.leaseNow().map(\.messageID) == [id])
        let time = try await fixture.row("SELECT scheduled_at FROM messages")
        #expect(try time.getIfPresent("scheduled_at", as: Timestamp.self) == nil)
    }

    @Test func anotherTimeIsWaitedForInItsPlace() async throws {
        let (fixture, ids) = try await self.filled()
        let later = Timestamp.now + .seconds(7200)
        try await fixture.edit(ids[0], ["scheduled_at": .string("\(later)")])
        #expect(try await fixture.status(of: ids[0]) == .scheduled)
        #expect(try await fixture.queued(ids[0])?.dueAt == later)
        #expect(try await fixture.states(of: ids) == [.scheduled, .ready, .waiting])
    }

    @Test func anEditOfAScheduledMessageKeepsItsTime() async throws {
        let fixture = try MessagingFixture(conversations: .byRecipient)
        let id = try await self.scheduled(fixture)
        let before = try await fixture.queued(id)?.dueAt
        for change: JSONValue in [["body": "changed"], ["to": .string(Self.bob)], ["category": "marketing"]] {
            try await fixture.edit(id, change)
            #expect(try await fixture.status(of: id) == .scheduled)
            #expect(try await fixture.queued(id)?.dueAt == before)
        }
    }

    /// It goes on waiting for its next attempt.
    @Test(arguments: ["30s", "1h"]) func anotherRecipientIsNoReasonToHurry(delay: String) async throws {
        let fixture = try MessagingFixture(conversations: .byRecipient)
        let id = try await fixture.send("x", to: Self.ann, ["retry": ["delays": [.string(delay)]]])
        let lease = try #require(try await fixture.leaseNow().first)
        let error = ProviderError(code: "30008", detail: "Unknown error.")
        try await fixture.tell(.failedTransiently(error, retryAfter: nil), of: lease)
        let before = try await fixture.queued(id)?.dueAt
        try await fixture.edit(id, ["to": .string(Self.bob)])
        #expect(try await fixture.queued(id)?.dueAt == before)
        #expect(try await fixture.status(of: id) == .queued)
        #expect(try await fixture.offerAndLease().isEmpty)
    }

    @Test func theTimeAtWhichItExpiresIsKnownToTheQueue() async throws {
        let (fixture, ids) = try await self.filled()
        let later = Timestamp.now + .seconds(60)
        try await fixture.edit(ids[0], ["expires_at": .string("\(later)")])
        #expect(try await fixture.queued(ids[0])?.expiresAt == later)
        try await fixture.edit(ids[0], ["expires_at": .null])
        #expect(try await fixture.queued(ids[0])?.expiresAt == nil)
    }

    @Test func theTrailSaysWhatWasChangedAndNotToWhat() async throws {
        let (fixture, ids) = try await self.filled()
        try await fixture.edit(ids[0], ["body": "CANARY", "category": "marketing"])
        let row = try await fixture.row("SELECT detail::text, actor FROM audit_events WHERE action = 'UPDATED'")
        let detail: String = try row.get("detail")
        #expect(try JSONValue(parsing: Array(detail.utf8))["changed"] == ["body", "category"])
        #expect(!detail.contains("CANARY"))
        #expect(try row.get("actor") == "key:person")
        #expect(try await fixture.timeline(of: ids[0]).map(\.type).contains("edited"))
    }

    private func sendFirst(of fixture: MessagingFixture) async throws {
        let lease = try #require(try await fixture.leaseNow().first)
        try await fixture.tell(.accepted(providerMessageID: "SM1"), of: lease)
    }

    private func scheduled(_ fixture: MessagingFixture) async throws -> MessageID {
        let later = Timestamp.now + .seconds(3600)
        return try await fixture.send("x", to: Self.ann, ["scheduled_at": .string("\(later)")])
    }

    /// Three messages of one conversation.
    private func filled() async throws -> (MessagingFixture, [MessageID]) {
        let fixture = try MessagingFixture(conversations: .byRecipient)
        var ids: [MessageID] = []
        for body in ["first", "second", "third"] { ids.append(try await fixture.send(body, to: Self.ann)) }
        return (fixture, ids)
    }
}
