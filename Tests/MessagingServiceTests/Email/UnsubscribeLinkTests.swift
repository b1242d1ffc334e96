import InternalAPI
import Secrets
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// Each mail has the link of its own recipient, in its texts where they ask for it, and for its headers when it is marketing.
@Suite(.messaging) struct UnsubscribeLinkTests {
    private static let letter: JSONObject = ["to": "ann@example.com", "channel": "email", "subject": "Hi"]

    private static func letter(_ fields: JSONObject) -> String {
        var letter = Self.letter
        for field in fields.members { letter[field.name] = field.value }
        return JSONValue.object(letter).text
    }

    private static func url(_ id: MessageID, to address: String, by account: AccountID, _ fixture: MessagingFixture)
        -> String
    {
        let link = UnsubscribeLink(
            orgID: fixture.orgID,
            accountID: account,
            provider: .smtp,
            messageID: id,
            channel: .email,
            address: address
        )
        return fixture.links.url(link) ?? ""
    }

    @Test(arguments: [("marketing", true), ("transactional", false), ("otp", false)])
    func marketingHasItForItsHeaders(category: String, hasLink: Bool) async throws {
        let fixture = try MessagingFixture()
        let account = try await fixture.account(.smtp)
        let id = try await fixture.send(Self.letter(["body": "x", "category": .string(category)]))
        let lease = try #require(try await fixture.offerAndLease().first)
        let url = Self.url(id, to: "ann@example.com", by: account, fixture)
        #expect(url.hasPrefix("https://in.example.com/unsubscribe/"))
        #expect(lease.unsubscribeURL == (hasLink ? url : nil))
    }

    @Test func otherChannelsHaveNone() async throws {
        let fixture = try MessagingFixture()
        try await fixture.send("{{unsubscribe_url}}", to: "+15550000001", ["category": "marketing"])
        let lease = try #require(try await fixture.leaseNow().first)
        #expect(lease.unsubscribeURL == nil)
        #expect(lease.content.body == "{{unsubscribe_url}}")
    }

    @Test func theTextsHaveItInItsPlaces() async throws {
        let fixture = try MessagingFixture()
        let account = try await fixture.account(.smtp)
        let id = try await fixture.send(
            Self.letter(["body": "End: {{unsubscribe_url}}", "html": "<a href='{{ unsubscribe_url }}'>End</a>"])
        )
        let lease = try #require(try await fixture.offerAndLease().first)
        let url = Self.url(id, to: "ann@example.com", by: account, fixture)
        #expect(lease.content.body == "End: \(url)")
        #expect(lease.content.html == "<a href='\(url)'>End</a>")
    }

    @Test func aTemplateHasItAsAVariableThatNobodyIsAskedFor() async throws {
        let known = PlayedValues(["first_name": "Ann", "unsubscribe_url": "https://evil.test"])
        let fixture = try MessagingFixture(known: known)
        let account = try await fixture.account(.smtp)
        try await fixture.template(
            #"{"channel":"email","subject":"Hi","body":"{{first_name}} {{unsubscribe_url}}","html":"{{unsubscribe_url}}"}"#
        )
        let id = try await fixture.send(
            #"{"to":"ann@example.com","channel":"email","template":{"code":"t"}}"#
        )
        let lease = try #require(try await fixture.offerAndLease().first)
        let url = Self.url(id, to: "ann@example.com", by: account, fixture)
        #expect(lease.content.body == "Ann \(url)")
        #expect(lease.content.html == url)
        #expect(known.calls.first?.first?.names == ["first_name"])
    }

    @Test func anotherRecipientGetsAnotherLink() async throws {
        let fixture = try MessagingFixture()
        let account = try await fixture.account(.smtp)
        let id = try await fixture.send(Self.letter(["body": "End: {{unsubscribe_url}}"]))
        try await fixture.edit(id, ["to": "bob@example.com"])
        let lease = try #require(try await fixture.offerAndLease().first)
        #expect(lease.content.body == "End: \(Self.url(id, to: "bob@example.com", by: account, fixture))")
        #expect(lease.to == "bob@example.com")
    }

    @Test func anEditOfSomethingElseLeavesIt() async throws {
        let fixture = try MessagingFixture()
        let account = try await fixture.account(.smtp)
        let id = try await fixture.send(Self.letter(["body": "End: {{unsubscribe_url}}"]))
        try await fixture.edit(id, ["reference": "r-1"])
        try await fixture.edit(id, ["subject": "Ho", "from_name": "Ann"])
        let lease = try #require(try await fixture.offerAndLease().first)
        #expect(lease.content.body == "End: \(Self.url(id, to: "ann@example.com", by: account, fixture))")
        #expect(lease.content.subject == "Ho" && lease.content.fromName == "Ann")
    }

    @Test func aDryRunShowsIt() async throws {
        let fixture = try MessagingFixture()
        try await fixture.account(.smtp)
        let request = try fixture.request(Self.letter(["html": "<a href='{{unsubscribe_url}}'>End</a>"]))
        let shown = try await fixture.dryRun(request)
        let text = shown["rendered"]?["body"]?.string ?? ""
        #expect(text.hasPrefix("End (https://in.example.com/unsubscribe/"))
    }
}
