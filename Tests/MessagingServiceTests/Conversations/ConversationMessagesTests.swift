import HTTPService
import InternalAPI
import NIOHTTP1
import Postgres
import Secrets
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// The messages of a conversation, and replies in it.
@Suite(.messaging, .timeLimit(.minutes(5))) struct ConversationMessagesTests {
    @Test func bothDirectionsAreOneListTheNewestFirst() async throws {
        let (fixture, found) = try await self.conversation()
        let asked = try await fixture.receive(
            fixture.inbound(to: found.accountID, in: found.id, occurredAt: .now - .seconds(9))
        )
        let reply = try await self.reply(#"{"body": "Hi"}"#, fixture, found)
        try await fixture.receive(fixture.inbound(to: found.accountID))
        let list = self.list(fixture, found)
        let page = PageRequest<Message>(limit: 50, after: nil)
        #expect(try await list(of: found.id, in: fixture.orgID, page).map(\.id) == [reply] + asked)
        let rest = PageRequest<Message>(limit: 1, after: reply)
        #expect(try await list(of: found.id, in: fixture.orgID, rest).map(\.id) == asked)
    }

    @Test func aConversationThatIsNotThereIsNotFound() async throws {
        let (fixture, found) = try await self.conversation()
        let list = self.list(fixture, found)
        let page = PageRequest<Message>(limit: 50, after: nil)
        // Without messages it is still there.
        #expect(try await list(of: found.id, in: fixture.orgID, page).isEmpty)
        let problem = await #expect(throws: Problem.self) { try await list(of: .new(), in: fixture.orgID, page) }
        #expect(problem?.status == 404)
    }

    @Test func aReplyGoesWhereTheCustomerWroteFrom() async throws {
        let (fixture, found) = try await self.conversation()
        let id = try await self.reply(#"{"body": "Hi", "channel": "sms", "category": "marketing"}"#, fixture, found)
        let lease = try #require(try await fixture.leaseNow().first)
        #expect(lease.messageID == id)
        #expect(lease.to == found.address.value)
        #expect(lease.accountID == found.accountID)
        let shown = try #require(try await fixture.shown(id))
        #expect(shown["conversation_id"]?.string == "\(found.id)")
        #expect(shown["customer_id"]?.string == "\(found.customerID)")
        #expect(shown["category"] == "marketing")
    }

    @Test(arguments: [
        (
            #"{"body": "x", "to": "+15550001234", "customer_id": "c", "conversation_id": null}"#,
            ["/to", "/customer_id", "/conversation_id"]
        ),
        (#"{"to": "+15550001234"}"#, ["/to"]),
    ])
    func whatTheConversationDecidesIsRefused(json: String, pointers: [String]) throws {
        let body = try JSONValue(parsing: Array(json.utf8))
        let problem = #expect(throws: Problem.self) { try ConversationReply.message(body, in: .new()) }
        #expect(problem?.violations.map(\.pointer) == pointers)
    }

    @Test func anotherChannelIsRefused() async throws {
        let (fixture, found) = try await self.conversation()
        let problem = await #expect(throws: Problem.self) {
            try await self.reply(#"{"body": "Hi", "channel": "whatsapp"}"#, fixture, found)
        }
        #expect(problem?.violations.map(\.pointer) == ["/channel"])
    }

    /// In another conversation the same reply is another request.
    @Test func aKeyIsOfOneConversation() throws {
        let fingerprint = Fingerprint(secret: "s")
        let (one, other) = (ConversationID.new(), ConversationID.new())
        let prints = try [one, other, one].map { fingerprint(of: try ConversationReply.message(["body": "x"], in: $0)) }
        #expect(prints[0] == prints[2])
        #expect(prints[0] != prints[1])
    }

    @Test func repliesAreRoutedAsMessagesAre() async throws {
        let fixture = try MessagingFixture()
        try await RunningService.run { service in
            let path = "/internal/conversations/\(ConversationID.new())/messages"
            for (method, query, body, status) in [
                // conversation-service is not there.
                (HTTPMethod.GET, "", nil, 503), (.POST, "", #"{"body": "x"}"#, 503),
                (.GET, "?channel=sms", nil, 400), (.POST, "?dry_run=true", #"{"body": "x"}"#, 400),
                (.POST, "", #"{"to": "+15550001234", "body": "x"}"#, 422), (.POST, "", "[]", 422),
            ] as [(HTTPMethod, String, String?, Int)] {
                let answer = try await service.call(method, path + query, for: fixture.orgID, body: body)
                #expect(answer.status == status, "\(method) \(query) \(body ?? "")")
            }
            #expect(
                try await service.call(.GET, "/internal/conversations/x/messages", for: fixture.orgID).status == 404
            )
        }
    }

    private func conversation() async throws -> (MessagingFixture, ConversationAPI.Found) {
        let fixture = try MessagingFixture()
        let found = ConversationAPI.Found(
            id: .new(),
            customerID: .new(),
            accountID: try await fixture.account(.twilio),
            channel: .sms,
            address: .init(kind: .phone, value: "+15550002222")
        )
        return (fixture, found)
    }

    private func list(_ fixture: MessagingFixture, _ found: ConversationAPI.Found) -> ListConversationMessages {
        let calls = PrepareMessages.Calls.playedByTests(.known(found))
        return ListConversationMessages(postgres: fixture.postgres, findConversations: calls.findConversations)
    }

    @discardableResult
    private func reply(
        _ json: String,
        _ fixture: MessagingFixture,
        _ found: ConversationAPI.Found
    ) async throws -> MessageID {
        let body = try JSONValue(parsing: Array(json.utf8))
        let request = try fixture.request(try ConversationReply.message(body, in: found.id))
        let create = CreateMessages(
            postgres: fixture.postgres,
            prepare: PrepareMessages(
                accounts: fixture.prepare.accounts,
                calls: .playedByTests(.known(found)),
                links: fixture.links
            ),
            due: fixture.due,
            notice: OutboxNotice(replica: "test")
        )
        let answer = try #require(await create([request]).first)
        return try MessagingFixture.id(in: try answer.get())
    }
}
