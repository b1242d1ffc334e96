import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// One confirmation for a keyword, unless somebody else gave it.
@Suite(.messaging, .timeLimit(.minutes(5))) struct KeywordReplyTests {
    @Test(arguments: Keyword.allCases) func aKeywordIsConfirmed(keyword: Keyword) async throws {
        let fixture = try MessagingFixture()
        let account = try await fixture.account(.twilio)
        let item = fixture.inbound(to: account, keyword: keyword)
        try await fixture.receive(item)
        // It wakes the engine as a creation does.
        let lease = try #require(try await fixture.leaseNow().first)
        #expect(lease.to == "+15550002222")
        #expect(lease.content.body == keyword.ordinaryReply)
        let shown = try #require(try await fixture.shown(lease.messageID))
        #expect(shown["direction"] == "outbound")
        #expect(shown["category"] == "transactional")
        #expect(shown["conversation_id"]?.string == "\(item.conversationID)")
        #expect(shown["customer_id"]?.string == "\(item.customerID)")
        #expect(shown["account_id"]?.string == "\(account)")
        let actor = try await fixture.row("SELECT actor FROM audit_events WHERE entity_id = \(lease.messageID)")
        #expect(try actor.get("actor") == "engine")
    }

    @Test(arguments: [
        (Channel.whatsapp, ProviderKind.whatsappCloud, true), (.email, .smtp, false), (.sandbox, .sandbox, false),
    ])
    func onlyTelephonesAreAnswered(channel: Channel, provider: ProviderKind, isAnswered: Bool) async throws {
        let fixture = try MessagingFixture()
        let account = try await fixture.account(provider)
        try await fixture.receive(fixture.inbound(to: account, on: channel, keyword: .help))
        #expect(try await self.confirmations(fixture).count == (isAnswered ? 1 : 0))
    }

    @Test func whatTheProviderHasAnsweredIsNotAnsweredAgain() async throws {
        let fixture = try MessagingFixture()
        let account = try await fixture.account(.twilio)
        try await fixture.receive(fixture.inbound(to: account, keyword: .stop, answered: .stop))
        try await fixture.receive(fixture.inbound(to: account))
        #expect(try await self.confirmations(fixture).isEmpty)
    }

    @Test func anOrganizationHasWordsOfItsOwn() async throws {
        let fixture = try MessagingFixture()
        let account = try await fixture.account(.twilio)
        let org = OrgSettingsRequest.Org(
            orgID: fixture.orgID,
            version: 1,
            isSandbox: false,
            settings: ["keyword_replies": ["help": "Call us.", "start": ""]]
        )
        try await fixture.rows(OrgSettingsStore.put([org]))
        for keyword in [Keyword.help, .start, .stop] {
            try await fixture.receive(fixture.inbound(to: account, keyword: keyword))
        }
        #expect(try await self.confirmations(fixture) == ["Call us.", Keyword.stop.ordinaryReply])
    }

    /// Two robots that answer each other come to an end.
    @Test func aKeywordIsConfirmedOnceAMinute() async throws {
        let fixture = try MessagingFixture()
        let account = try await fixture.account(.twilio)
        let help = { (sender: String, keyword: Keyword) in
            fixture.inbound(to: account, from: .init(kind: .phone, value: sender), keyword: keyword)
        }
        for _ in 0..<3 { try await fixture.receive(help("+15550002222", .help), help("+15550002222", .help)) }
        #expect(try await self.confirmations(fixture).count == 1)
        // Another keyword, and another sender, have minutes of their own.
        try await fixture.receive(help("+15550002222", .stop), help("+15550003333", .help))
        #expect(try await self.confirmations(fixture).count == 3)
        try await fixture.rows("UPDATE keyword_answers SET answered_at = answered_at - interval '59 seconds'")
        try await fixture.receive(help("+15550002222", .help))
        #expect(try await self.confirmations(fixture).count == 3)
        try await fixture.rows("UPDATE keyword_answers SET answered_at = answered_at - interval '2 seconds'")
        try await fixture.receive(help("+15550002222", .help))
        #expect(try await self.confirmations(fixture).count == 4)
    }

    /// What the confirmations say, in their order.
    private func confirmations(_ fixture: MessagingFixture) async throws -> [String] {
        try await fixture.rows(
            "SELECT content ->> 'body' AS body FROM messages WHERE direction = 'outbound' ORDER BY id"
        ).map { try $0.get("body") }
    }
}
