import InternalAPI
import MessagingService
import Postgres
import Shared
import TestSupport
import Testing

@Suite(.messaging) struct CreateMessagesTests {
    private static let hello = #"{"to": "+15550000001", "channel": "sandbox", "body": "Hello"}"#

    @Test func aMessageIsStoredQueuedAndAuditedTogether() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send(
            #"{"to": "+15550000001", "channel": "sandbox", "body": "Привет 👋", "reference": "order-17", "metadata": {"a": [1, 1e300]}}"#
        )
        let row = try await fixture.row(
            """
            SELECT m.status::text, m.content::text, m.metadata::text, m.reference,
                   (SELECT count(*) FROM outbox) AS queued, (SELECT count(*) FROM audit_events WHERE entity_id = m.id) AS audited
              FROM messages m WHERE id = \(id)
            """
        )
        #expect(try row.get("status") == "queued")
        #expect(try row.get("content") == #"{"body":"Привет 👋"}"#)
        #expect(try row.get("metadata", as: String.self).contains("1e300"))
        #expect(try row.get("queued") == 1)
        #expect(try row.get("audited") == 1)
    }

    @Test func theSameKeyIsAnsweredWithTheSameBytesAndStoresOneMessage() async throws {
        let fixture = try MessagingFixture()
        let first = try await self.create(fixture, key: "a")
        let second = try await self.create(fixture, key: "a")
        #expect(!first.isReplay)
        #expect(second.isReplay)
        #expect(first.body == second.body)
        #expect(try await fixture.count("SELECT count(*) AS count FROM messages") == 1)
    }

    @Test func theSameKeyWithAnotherRequestIsRefused() async throws {
        let fixture = try MessagingFixture()
        _ = try await self.create(fixture, key: "a", fingerprint: [1])
        let problem = await #expect(throws: Problem.self) { try await self.create(fixture, key: "a", fingerprint: [2]) }
        #expect(problem?.code == "idempotency-key-reused")
        #expect(problem?.status == 422)
    }

    @Test func withinABatchTheFirstOfAKeyWins() async throws {
        let fixture = try MessagingFixture()
        let results = await fixture.create([
            try fixture.request(Self.hello, key: "a", fingerprint: [1]),
            try fixture.request(Self.hello, key: "a", fingerprint: [1]),
            try fixture.request(Self.hello, key: "a", fingerprint: [2]),
            try fixture.request(Self.hello),
        ])
        let answers = results.map { try? $0.get() }
        #expect(answers.map { $0?.isReplay } == [false, true, nil, false])
        #expect(answers[0]?.body == answers[1]?.body)
        #expect(try await fixture.count("SELECT count(*) AS count FROM messages") == 2)
    }

    @Test func twoOrganizationsMayUseTheSameKey() async throws {
        let fixture = try MessagingFixture()
        let other = OrgID.new()
        let results = await fixture.create([
            try fixture.request(Self.hello, key: "a"), try fixture.request(Self.hello, key: "a", as: other),
        ])
        #expect(try results.map { try $0.get().isReplay } == [false, false])
    }

    @Test(.timeLimit(.minutes(5))) func oneHundredAtOnceMakeOneMessage() async throws {
        let fixture = try MessagingFixture()
        let bodies = try await withThrowingTaskGroup(of: [UInt8].self) { tasks in
            for _ in 0..<100 { tasks.addTask { try await self.create(fixture, key: "a").body } }
            return try await tasks.reduce(into: Set<[UInt8]>()) { $0.insert($1) }
        }
        #expect(bodies.count == 1)
        #expect(try await fixture.count("SELECT count(*) AS count FROM messages") == 1)
    }

    @Test func anUnknownAccountAndAChannelWithoutOneAreNamed() async throws {
        let fixture = try MessagingFixture()
        let unknown = #"{"to": "+15550000001", "channel": "sandbox", "body": "x", "account_id": "\#(AccountID.new())"}"#
        for (json, pointer) in [
            (unknown, "/account_id"), (#"{"to": "+15550000001", "channel": "sms", "body": "x"}"#, "/channel"),
        ] {
            let problem = await #expect(throws: Problem.self) { try await fixture.send(json) }
            #expect(problem?.violations.map(\.pointer) == [pointer])
        }
        #expect(try await fixture.count("SELECT count(*) AS count FROM messages") == 0)
    }

    @Test func anotherOrganizationsAccountIsAsUnknownAsNone() async throws {
        let fixture = try MessagingFixture()
        try await fixture.send()
        let account: AccountID = try await fixture.row("SELECT id FROM channel_accounts").get("id")
        let json = #"{"to": "+15550000001", "channel": "sandbox", "body": "x", "account_id": "\#(account)"}"#
        await #expect(throws: Problem.self) { try await fixture.send(json, as: .new()) }
    }

    @Test func anUnknownConversationIsNotFoundAndItsNeighboursAreStored() async throws {
        let fixture = try MessagingFixture()
        let lost = #"{"conversation_id": "\#(ConversationID.new())", "channel": "sandbox", "body": "x"}"#
        let results = await fixture.create([try fixture.request(lost), try fixture.request(Self.hello)])
        #expect(throws: Problem.notFound) { try results[0].get() }
        #expect(throws: Never.self) { try results[1].get() }
    }

    @Test func aRowThatTheDatabaseRefusesDoesNotTakeItsNeighboursAlong() async throws {
        let fixture = try MessagingFixture()
        let long = OversizedKey.text
        let results = await fixture.create([
            try fixture.request(Self.hello), try fixture.request(Self.hello, key: long),
            try fixture.request(Self.hello),
        ])
        #expect(results.map { (try? $0.get()) != nil } == [true, false, true])
        #expect(try await fixture.count("SELECT count(*) AS count FROM messages") == 2)
    }

    private enum OversizedKey {
        /// One byte more than the column's constraint allows, past the code that would have refused it.
        static let text = String(repeating: "k", count: 256)
    }

    private func create(
        _ fixture: MessagingFixture,
        key: String,
        fingerprint: [UInt8] = [1]
    ) async throws -> CreateAnswer {
        let request = try fixture.request(Self.hello, key: key, fingerprint: fingerprint)
        let results = await fixture.create([request])
        return try #require(results.first).get()
    }
}
