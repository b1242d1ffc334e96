import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// An SMS is shown, counted, stored and handed to a worker as one and the same text.
@Suite(.messaging, .timeLimit(.minutes(5))) struct SMSTests {
    private static let style: JSONObject = [
        "footer": "Reply STOP – Acme", "transliterate": true, "rate_per_second": 1000,
    ]

    struct Vector: Sendable {
        let body: String
        let category: Category
        let settings: JSONObject
        let text: String
        let segments: Int
        var encoding = "gsm-7"
    }

    @Test(arguments: [
        Vector(body: "Hello", category: .transactional, settings: [:], text: "Hello", segments: 1),
        Vector(body: "“Hi”", category: .otp, settings: [:], text: "“Hi”", segments: 1, encoding: "ucs-2"),
        Vector(body: "“Hi”", category: .otp, settings: style, text: "\"Hi\"", segments: 1),
        Vector(body: "Sale", category: .marketing, settings: style, text: "Sale\nReply STOP - Acme", segments: 1),
        Vector(
            body: "Sale 😀",
            category: .marketing,
            settings: style,
            text: "Sale 😀\nReply STOP – Acme",
            segments: 1,
            encoding: "ucs-2"
        ),
        Vector(
            body: "Sale Reply STOP – Acme",
            category: .marketing,
            settings: style,
            text: "Sale Reply STOP - Acme",
            segments: 1
        ),
        Vector(
            body: String(repeating: "x", count: 150),
            category: .marketing,
            settings: style,
            text: String(repeating: "x", count: 150) + "\nReply STOP - Acme",
            segments: 2
        ),
    ])
    func dryRunAnswerStoredAndLeasedAgree(vector: Vector) async throws {
        let fixture = try MessagingFixture()
        try await fixture.account(.twilio, vector.settings)
        let request = try fixture.request(
            [
                "to": "+491711234567", "channel": "sms", "body": .string(vector.body),
                "category": .string(vector.category.rawValue),
            ]
        )
        let dryRun = try await fixture.dryRun(request)
        #expect(dryRun["rendered"]?["body"]?.string == vector.text)
        #expect(dryRun["encoding"]?.string == vector.encoding)
        let answer = try JSONValue(parsing: try #require(await fixture.create([request]).first).get().body)
        for resource in [dryRun, answer, try await fixture.resource(answer["id"]?.string)] {
            #expect(resource["body"]?.string == vector.text)
            #expect(resource["segments"]?.int == vector.segments)
            #expect(resource["to_region"] == "DE" && resource["to_type"] == "mobile")
        }
        #expect(try await fixture.leaseNow().map(\.content.body) == [vector.text])
    }

    @Test func aBatchAndTheSandboxCountTheSame() async throws {
        let fixture = try MessagingFixture()
        try await fixture.account(.sandbox, ["footer": "Reply STOP"])
        let account = try await fixture.row("SELECT id FROM channel_accounts").get("id", as: AccountID.self)
        let requests = try ["marketing", "transactional"].map { category in
            try fixture.request(
                #"{"to": "+15550000001", "channel": "sms", "account_id": "\#(account)", "body": "Hi", "category": "\#(category)"}"#
            )
        }
        let answers = try await fixture.create(requests).map { try JSONValue(parsing: $0.get().body) }
        #expect(answers.map { $0["body"]?.string } == ["Hi\nReply STOP", "Hi"])
        #expect(answers.map { $0["segments"]?.int } == [1, 1])
        #expect(answers.map { $0["to_type"]?.string } == ["unknown", "unknown"])
    }

    @Test func otherChannelsHaveNoSegments() async throws {
        let fixture = try MessagingFixture()
        let request = try fixture.request(
            #"{"to": "rejected@sandbox.test", "channel": "sandbox", "body": "Hi", "category": "marketing"}"#
        )
        let dryRun = try await fixture.dryRun(request)
        for name in ["segments", "encoding", "to_region", "to_type"] { #expect(dryRun[name] == nil, "\(name)") }
    }

    @Test func theFooterCountsAgainstTheLimit() async throws {
        let fixture = try MessagingFixture()
        try await fixture.account(.twilio, Self.style)
        func request(_ category: String) throws -> CreateRequest {
            let body = JSONValue.string(String(repeating: "x", count: 1590))
            return try fixture.request([
                "to": "+14155550100", "channel": "sms", "body": body, "category": .string(category),
            ])
        }
        await #expect(throws: Never.self) { try await fixture.create([request("transactional")]).first?.get() }
        let real = await #expect(throws: Problem.self) { try await fixture.create([request("marketing")]).first?.get() }
        let dry = await #expect(throws: Problem.self) { try await fixture.dryRun(request("marketing")) }
        #expect(real == dry)
        #expect(real?.violations.first?.pointer == "/body")
        #expect(real?.violations.first?.detail.contains("has 1608 with the footer of its account: 11 segments") == true)
    }

    // MARK: - Edits

    @Test func anEditIsRenderedByTheSameRules() async throws {
        let fixture = try MessagingFixture(conversations: .byRecipient)
        try await fixture.account(.twilio, Self.style)
        let request = try fixture.request(
            #"{"to": "+14155550100", "channel": "sms", "body": "Sale…", "scheduled_at": "\#(Timestamp.now + .seconds(3600))"}"#
        )
        let id = try MessagingFixture.id(in: try #require(await fixture.create([request]).first).get())
        let edits: [(JSONValue, String)] = [
            (["reference": "r"], "Sale..."), (["category": "marketing"], "Sale...\nReply STOP - Acme"),
            (["category": "marketing"], "Sale...\nReply STOP - Acme"),
            (["body": "“New”"], "\"New\"\nReply STOP - Acme"),
            (["to": "+14155550101"], "\"New\"\nReply STOP - Acme"),
        ]
        for (edit, text) in edits {
            try await fixture.edit(id, edit)
            #expect(try await fixture.resource("\(id)")["body"]?.string == text, "\(edit.text)")
        }
        let problem = await #expect(throws: Problem.self) {
            try await fixture.edit(id, ["body": .string(String(repeating: "x", count: 1590))])
        }
        #expect(problem?.violations.map(\.pointer) == ["/body"])
    }

    // MARK: - Templates

    @Test func aFilledTemplateIsRenderedAsAnyText() async throws {
        let fixture = try MessagingFixture(conversations: .byRecipient)
        try await fixture.account(.twilio, Self.style)
        try await fixture.template(#"{"channel":"sms","body":"“Hi” {{x}}"}"#)
        func request(_ value: String) throws -> CreateRequest {
            try fixture.request([
                "to": "+14155550100", "channel": "sms", "category": "marketing",
                "template": ["code": "t", "parameters": ["x": .string(value)]],
            ])
        }
        let text = "\"Hi\" Ann\nReply STOP - Acme"
        #expect(try await fixture.dryRun(request("Ann"))["rendered"]?["body"]?.string == text)
        let answer = try JSONValue(parsing: try #require(await fixture.create([request("Ann")]).first).get().body)
        #expect(answer["body"]?.string == text && answer["segments"]?.int == 1)
        let id = try #require(answer["id"]?.string.flatMap { MessageID($0) })
        try await fixture.edit(id, ["template": ["code": "t", "parameters": ["x": "Bob"]]])
        #expect(try await fixture.resource("\(id)")["body"]?.string == "\"Hi\" Bob\nReply STOP - Acme")
        #expect(try await fixture.leaseNow().map(\.content.body) == ["\"Hi\" Bob\nReply STOP - Acme"])
        let long = String(repeating: "x", count: 1590)
        let problem = await #expect(throws: Problem.self) { try await fixture.create([request(long)]).first?.get() }
        #expect(problem?.violations.map(\.pointer) == ["/template/parameters"])
    }

    // MARK: - Settings

    @Test(
        arguments: [
            (.twilio, ["footer": "x"], true), (.twilio, ["footer": .string(String(repeating: "x", count: 160))], true),
            (.twilio, ["footer": .string(String(repeating: "x", count: 161))], false), (.twilio, ["footer": ""], false),
            (.twilio, ["footer": " \n"], false), (.twilio, ["footer": 1], false),
            (.twilio, ["transliterate": true], true),
            (.twilio, ["transliterate": "yes"], false), (.sandbox, ["footer": "x", "transliterate": false], true),
            (.smtp, ["footer": "x"], false), (.whatsappCloud, ["transliterate": true], false),
        ] as [(ProviderKind, JSONObject, Bool)]
    )
    func anAccountsSettingsAreChecked(provider: ProviderKind, settings: JSONObject, areTaken: Bool) {
        var fields = JSONFields(["settings": .object(settings)], at: "")
        SettingRules(provider).check(fields.object("settings"), in: &fields)
        #expect(fields.violations.isEmpty == areTaken, "\(fields.violations)")
    }
}

extension MessagingFixture {
    /// A message as `GET /messages/{id}` shows it.
    func resource(_ id: String?) async throws -> JSONValue {
        let id = try #require(id.flatMap { MessageID($0) })
        let store = MessageStore(orgID: self.orgID)
        let found = try await self.postgres.transaction(for: [self.orgID]) { try store.find(id, on: $0) }
        return try #require(found).json
    }
}
