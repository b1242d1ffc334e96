import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// Messages that customers send, once for each event.
@Suite(.messaging, .timeLimit(.minutes(5))) struct ReceiveTests {
    @Test func aMessageIsShownAsItWasSent() async throws {
        let fixture = try MessagingFixture()
        let account = try await fixture.account(.twilio)
        let content = InboundContent(
            kind: .image,
            body: "A cat\u{0}",
            attachments: [
                .init(source: .url("https://example.com/1"), contentType: "image/png", fileName: nil),
                .init(source: .url("https://example.com/2"), contentType: nil, fileName: "cat.pdf"),
            ],
            details: ["id": "1"]
        )
        let sent = Timestamp.now - .seconds(60)
        let item = fixture.inbound(content, to: account, event: "SM1", occurredAt: sent)
        let id = try #require(try await fixture.receive(item).first)
        let shown = try #require(try await fixture.shown(id))
        #expect(shown["direction"] == "inbound")
        #expect(shown["status"] == "delivered")
        #expect(shown["channel"] == "sms")
        #expect(shown["from"] == "+15550002222")
        #expect(shown["to"] == "+15550001111")
        #expect(shown["type"] == "image")
        #expect(shown["body"] == "A cat")
        #expect(
            shown["attachments"] == [
                ["content_type": "image/png", "url": "/api/v1/messages/\(id)/attachments/0"],
                ["file_name": "cat.pdf", "url": "/api/v1/messages/\(id)/attachments/1"],
            ]
        )
        #expect(shown["details"] == ["id": "1"])
        #expect(shown["provider_message_id"] == "in-SM1")
        #expect(shown["created_at"]?.string == "\(sent)")
        #expect(shown["delivered_at"]?.string == "\(sent)")
        #expect(shown["customer_id"]?.string == "\(item.customerID)")
        #expect(shown["conversation_id"]?.string == "\(item.conversationID)")
        #expect(["subject", "html", "in_reply_to"].allSatisfy { shown[$0] == nil })
        let audit = try await fixture.row("SELECT actor, action FROM audit_events WHERE entity_id = \(id)")
        #expect(try audit.get("actor") == "provider")
        #expect(try audit.get("action") == "CREATED")
        #expect(try await fixture.activities(in: item.conversationID) == ["MESSAGE_RECEIVED"])
        #expect(try await fixture.timeline(of: id).map(\.type) == ["received"])
        #expect(try await fixture.count("SELECT count(*) AS count FROM outbox") == 0)
    }

    /// Meta names the account by an id that nobody writes to.
    @Test func whatIsNotKnownOfTheAccountIsNull() async throws {
        let fixture = try MessagingFixture()
        let account = try await fixture.account(.whatsappCloud)
        let item = fixture.inbound(to: account, from: .init(kind: .whatsapp, value: "US.123"), on: .whatsapp)
        let id = try #require(try await fixture.receive(item).first)
        let shown = try #require(try await fixture.shown(id))
        #expect(shown["to"] == .null)
        #expect(shown["from"] == "US.123")
    }

    @Test func anEventIsStoredOnceHoweverOftenItComes() async throws {
        let fixture = try MessagingFixture()
        let account = try await fixture.account(.twilio)
        let item = fixture.inbound(to: account, event: "SM1", keyword: .help)
        let first = try await fixture.receive(item, item)
        #expect(first.count == 2)
        #expect(Set(first).count == 1)
        #expect(try await fixture.receive(item) == [first[0]])
        // The same key of another account is another event.
        let other = try await fixture.account(.whatsappCloud)
        #expect(try await fixture.receive(fixture.inbound(to: other, event: "SM1", on: .whatsapp)) != [first[0]])
        #expect(try await self.inboundCount(fixture) == 2)
        #expect(try await fixture.count("SELECT count(*) AS count FROM messages WHERE direction = 'outbound'") == 1)
        #expect(try await fixture.activities().count == 2)
    }

    @Test func callsAtTheSameTimeStoreAnEventOnce() async throws {
        let fixture = try MessagingFixture()
        let account = try await fixture.account(.twilio)
        let items = (0..<20).map { fixture.inbound(to: account, event: "SM\($0)", keyword: .stop) }
        let answers = try await withThrowingTaskGroup(of: [MessageID].self) { group in
            for turn in 0..<8 {
                let shuffled = turn.isMultiple(of: 2) ? items : items.reversed()
                group.addTask {
                    let ids = try await fixture.receive(all: shuffled)
                    return turn.isMultiple(of: 2) ? ids : ids.reversed()
                }
            }
            return try await group.reduce(into: Set<[MessageID]>()) { $0.insert($1) }
        }
        #expect(answers.count == 1)
        #expect(try await self.inboundCount(fixture) == 20)
        // One sender, one keyword, one minute.
        #expect(try await fixture.count("SELECT count(*) AS count FROM messages WHERE direction = 'outbound'") == 1)
    }

    @Test func whatWasRemovedDoesNotComeBack() async throws {
        let fixture = try MessagingFixture()
        let account = try await fixture.account(.twilio)
        let item = fixture.inbound(to: account)
        let ids = try await fixture.receive(item)
        #expect(try await fixture.act(.delete, on: ids[0]) == .changed(.delivered))
        #expect(try await fixture.receive(item) == ids)
        #expect(try await self.inboundCount(fixture) == 0)
        #expect(try await fixture.activities().isEmpty)
    }

    /// It goes when its organization's time for it is over, and what repeats it does not bring it back.
    @Test func theyAreKeptAsLongAsOtherMessages() async throws {
        let fixture = try MessagingFixture()
        let account = try await fixture.account(.twilio)
        let old = fixture.inbound(to: account, occurredAt: .now - .seconds(3 * 86_400))
        let ids = try await fixture.receive(old, fixture.inbound(to: account))
        try await fixture.rows("UPDATE messages SET updated_at = created_at")
        try await fixture.rows("UPDATE org_settings SET retention_days = 1")
        let retain = RetainMessages(
            engine: fixture.engine,
            postgres: fixture.postgres,
            archive: nil,
            clock: ContinuousClock(),
            logger: .quiet
        )
        #expect(try await retain()[fixture.orgID]?.removed == 1)
        #expect(try await fixture.shown(ids[0]) == nil)
        #expect(try await fixture.shown(ids[1]) != nil)
        #expect(try await fixture.activities().count == 1)
        #expect(try await fixture.receive(old) == [ids[0]])
        #expect(try await self.inboundCount(fixture) == 1)
    }

    /// By the second in which they were sent, and then by their arrival, whatever the order in which they are stored.
    @Test func theOrderOfIdsIsTheOrderOfSending() async throws {
        let fixture = try MessagingFixture()
        let account = try await fixture.account(.twilio)
        let start = Timestamp(microseconds: 1_790_000_000_000_000)
        let items = [(0, 5), (0, 6), (0, 7), (1, 2), (3, 3)].map { sent, arrived in
            fixture.inbound(
                to: account,
                event: "\(sent)-\(arrived)",
                occurredAt: start + .seconds(sent),
                arrivedAt: start + .seconds(100) + .milliseconds(arrived)
            )
        }
        for item in items.shuffled() { try await fixture.receive(item) }
        let rows = try await fixture.rows("SELECT provider_message_id AS name FROM messages ORDER BY id")
        #expect(try rows.map { try $0.get("name") } == ["in-0-5", "in-0-6", "in-0-7", "in-1-2", "in-3-3"])
    }

    @Test func aTimeAfterTheArrivalIsTheArrival() async throws {
        let fixture = try MessagingFixture()
        let account = try await fixture.account(.twilio)
        let now = Timestamp.now
        let item = MessagingAPI.Receive(
            orgID: fixture.orgID,
            accountID: account,
            customerID: .new(),
            conversationID: .new(),
            channel: .sms,
            keyword: nil,
            occurredAt: now + .seconds(3600),
            arrivedAt: now,
            message: fixture.inbound(to: account).message
        )
        let id = try #require(try await fixture.receive(item).first)
        #expect(try await fixture.shown(id)?["created_at"]?.string == "\(now)")
    }

    @Test func aReplyNamesTheMessageThatItAnswers() async throws {
        let fixture = try MessagingFixture()
        let sent = try await fixture.send()
        let lease = try #require(try await fixture.leaseNow().first)
        try await fixture.tell(.accepted(providerMessageID: "SM1"), of: lease)
        let known = fixture.inbound(to: lease.accountID, on: .sandbox, inReplyTo: "SM1")
        let unknown = fixture.inbound(to: lease.accountID, on: .sandbox, inReplyTo: "SM2")
        let ids = try await fixture.receive(known, unknown)
        #expect(try await fixture.shown(ids[0])?["in_reply_to"]?.string == "\(sent)")
        #expect(try await fixture.shown(ids[1])?["in_reply_to"] == nil)
    }

    @Test func detailsThatCouldNotBeReadAgainAreLeftOut() async throws {
        let fixture = try MessagingFixture()
        let account = try await fixture.account(.twilio)
        var deep: JSONValue = "x"
        for _ in 0..<40 { deep = .array([deep]) }
        let contents = [deep, ["text": "a\u{0}b"]].map { InboundContent(kind: .order, body: "x", details: $0) }
        let ids = try await fixture.receive(all: contents.map { fixture.inbound($0, to: account) })
        for id in ids {
            let shown = try #require(try await fixture.shown(id))
            #expect(shown["body"] == "x")
            #expect(shown["details"] == nil)
        }
    }

    @Test func accountsMustBeTheOrganizationsOwn() async throws {
        let fixture = try MessagingFixture()
        let account = try await fixture.account(.twilio)
        let items = [
            fixture.inbound(to: account), fixture.inbound(to: .new()), fixture.inbound(to: account, orgID: .new()),
            fixture.inbound(to: account, on: .email),
        ]
        // Calls that are stored together do not answer for each other.
        let results = await fixture.receive([[fixture.inbound(to: account)], items])
        #expect(try results[0].get().count == 1)
        let problem = #expect(throws: Problem.self) { try results[1].get() }
        #expect(problem?.status == 422)
        #expect(problem?.violations.map(\.pointer) == (1...3).map { "/items/\($0)/accountID" })
    }

    private func inboundCount(_ fixture: MessagingFixture) async throws -> Int {
        try await fixture.count("SELECT count(*) AS count FROM messages WHERE direction = 'inbound'")
    }
}
