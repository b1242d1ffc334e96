import InternalAPI
import MessagingService
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// Messages that are made of templates: what they say, how much it costs, and what is refused.
@Suite(.messaging, .timeLimit(.minutes(5))) struct TemplatedMessagesTests {
    @Test(
        "A message says what its template says",
        arguments: [
            (
                ProviderKind.twilio, #"{"channel":"sms","body":"Hi {{first_name}}: {{order}}"}"#, "+14155550100",
                #"{"body":"Hi Ann: 17","template":{"code":"t","language":"en","version":1,"parameters":{"order":"17"}}}"#
            ),
            (
                .smtp, #"{"channel":"email","subject":"S {{order}}","body":"B {{tier}}","html":"<p>{{tier}}</p>"}"#,
                "ann@example.com",
                #"{"body":"B A&B","subject":"S 17","html":"<p>A&amp;B</p>","#
                    + #""template":{"code":"t","language":"en","version":1,"parameters":{"order":"17"}}}"#
            ),
            (
                .http, #"{"channel":"webhook","body":"{{order}}"}"#, "ann",
                #"{"body":"17","template":{"code":"t","language":"en","version":1,"parameters":{"order":"17"}}}"#
            ),
            (
                .sandbox, #"{"channel":"sandbox","body":"{{order}}"}"#, "+15550000001",
                #"{"body":"17","template":{"code":"t","language":"en","version":1,"parameters":{"order":"17"}}}"#
            ),
            (
                .whatsappCloud,
                #"{"channel":"whatsapp","whatsapp":{"name":"order","components":[{"type":"BODY","text":"{{order}}"}]}}"#,
                "+14155550100",
                #"{"template":{"code":"t","language":"en","version":1,"name":"order","parameters":{"order":"17"},"#
                    + #""components":[{"type":"body","parameters":["#
                    + #"{"type":"text","parameter_name":"order","text":"17"}]}]}}"#
            ),
        ]
    )
    func rendered(provider: ProviderKind, template: String, recipient: String, content: String) async throws {
        let fixture = try MessagingFixture(known: PlayedValues(["first_name": "Ann", "tier": "A&B"]))
        try await fixture.account(provider)
        try await fixture.template(template)
        let id = try await fixture.send(
            """
            {"to":"\(recipient)","channel":"\(provider.channel.rawValue)",\
            "template":{"code":"t","parameters":{"order":17}}}
            """
        )
        let row = try await fixture.row("SELECT content::text FROM messages WHERE id = \(id)")
        #expect(try row.get("content") == content)
        // The worker is handed the same.
        let lease = try #require(try await fixture.leaseNow().first)
        #expect(lease.content == (try MessageContent(stored: content)))
        // So is whoever asks.
        let shown = try #require(try await fixture.shown(id))
        for part in try JSONValue(parsing: content).object?.members ?? [] {
            #expect(shown[part.name] == part.value)
        }
    }

    @Test func aBatchCostsOneCallForEachPartThatIsMadeAtOnce() async throws {
        let known = PlayedValues(["first_name": "Ann"])
        let fixture = try MessagingFixture(known: known)
        try await fixture.template(#"{"channel":"sandbox","body":"Hi {{first_name}}, {{n}}"}"#)
        try await fixture.template(#"{"code":"u","channel":"sandbox","body":"Bye {{n}}","variables":{"n":{}}}"#)
        let requests = try (0..<600).map { number in
            try fixture.request(
                """
                {"to":"+1555\(1_000_000 + number)","channel":"sandbox",\
                "template":{"code":"\(number % 3 == 0 ? "u" : "t")","parameters":{"n":\(number)}}}
                """
            )
        }
        let results = await fixture.create(requests)
        let bodies = try results.map { try JSONValue(parsing: try $0.get().body)["body"]?.string }
        #expect(bodies == (0..<600).map { $0 % 3 == 0 ? "Bye \($0)" : "Hi Ann, \($0)" })
        #expect(known.calls.map(\.count) == [170, 171, 59])
        #expect(known.calls.first?.first?.names == ["first_name"])
    }

    @Test func whenNobodyCanBeAskedNothingIsGuessed() async throws {
        let fixture = try MessagingFixture()
        let prepare = PrepareMessages(
            accounts: fixture.prepare.accounts,
            calls: .init(
                resolveCustomers: fixture.prepare.calls.resolveCustomers,
                findConversations: fixture.prepare.calls.findConversations,
                resolveConversations: fixture.prepare.calls.resolveConversations,
                checkPolicy: fixture.prepare.calls.checkPolicy,
                customerValues: { _ in throw Problem.unavailable("customer-service") }
            ),
            links: fixture.links
        )
        try await fixture.template(
            #"{"channel":"sandbox","body":"{{name}}","variables":{"name":{"default":"friend"}}}"#
        )
        let open = try fixture.request(Self.message("sandbox", #"{"code":"t"}"#))
        let given = try fixture.request(Self.message("sandbox", #"{"code":"t","parameters":{"name":"Ann"}}"#))
        let refused = await prepare([open])
        let problem = #expect(throws: Problem.self) { try refused[0].get() }
        #expect(problem?.status == 503)
        let parts = try await prepare([given])[0].get().parts
        #expect(parts.body == "Ann")
    }

    @Test func withoutAnOpenNameNobodyIsAsked() async throws {
        let known = PlayedValues(["n": "unheard"])
        let fixture = try MessagingFixture(known: known)
        try await fixture.template(#"{"channel":"sandbox","body":"{{n}}","variables":{"n":{"default":"none"}}}"#)
        try await fixture.send(Self.message("sandbox", #"{"code":"t"}"#))
        try await fixture.send()
        #expect(known.calls.isEmpty)
    }

    @Test(
        "A template is found by its language, its base, or alone",
        arguments: [
            (["en", "de"], nil, "en"), (["de"], nil, "de"), (["de", "fr"], nil, nil), (["pt", "en"], "pt-BR", "pt"),
            (["pt_BR", "pt"], "pt-BR", "pt_BR"), (["PT-br"], "pt-BR", "PT-br"), (["pt-PT"], "pt-BR", nil),
            (["de"], "fr", nil), (["en"], "en-GB", "en"),
        ] as [([String], String?, String?)]
    )
    func languages(stored: [String], asked: String?, found: String?) async throws {
        let fixture = try MessagingFixture()
        try await fixture.account(.twilio)
        for language in stored {
            try await fixture.template(#"{"channel":"sms","language":"\#(language)","body":"in \#(language)"}"#)
        }
        let language = asked.map { #","language":"\#($0)""# } ?? ""
        let result = await fixture.create([
            try fixture.request(Self.message("sms", #"{"code":"t"\#(language)}"#))
        ])
        if let found {
            let answer = try JSONValue(parsing: try #require(result.first).get().body)
            #expect(answer["body"]?.string == "in \(found)")
            #expect(answer["template"]?["language"]?.string == found)
        } else {
            let problem = #expect(throws: Problem.self) { try result[0].get() }
            #expect(problem?.violations.map(\.pointer) == ["/template/language"])
        }
    }

    @Test(
        "At WhatsApp what is not kept here is the provider's",
        arguments: [
            (#"{"code":"t","language":"en","parameters":{"order":"17"}}"#, true),
            (#"{"code":"t","parameters":{"order":"17"}}"#, true),
            (#"{"code":"t","language":"en_US","parameters":{"anything":"17"}}"#, false),
            (#"{"code":"other","components":[{"type":"body"}]}"#, false),
        ]
    )
    func providersTemplates(reference: String, isOurs: Bool) async throws {
        let fixture = try MessagingFixture()
        try await fixture.account(.whatsappCloud)
        try await fixture.template(
            #"{"channel":"whatsapp","whatsapp":{"name":"o","components":[{"type":"BODY","text":"{{order}}"}]}}"#
        )
        try await fixture.send(Self.message("whatsapp", reference))
        let content = try #require(try await fixture.leaseNow().first).content
        #expect(content.template?.version == (isOurs ? 1 : nil))
        #expect((content.template?.components != nil) == (isOurs || reference.contains("components")))
    }

    @Test(
        "What does not fit is refused, and nothing is stored",
        arguments: [
            (#"{"code":"none"}"#, "/template/code"), (#"{"code":"t"}"#, "/template/parameters/order"),
            (#"{"code":"t","parameters":{"order":"1","x":"2"}}"#, "/template/parameters/x"),
            (#"{"code":"t","components":[]}"#, "/template/components"),
            (#"{"code":"t","parameters":{"order":"\#(String(repeating: "x", count: 1600))"}}"#, "/template/parameters"),
            (#"{"code":"t","language":"fr","parameters":{"order":"1"}}"#, "/template/language"),
        ]
    )
    func refused(reference: String, pointer: String) async throws {
        let fixture = try MessagingFixture()
        try await fixture.account(.twilio)
        try await fixture.template(#"{"channel":"sms","body":"Order {{order}}","variables":{"order":{}}}"#)
        let results = await fixture.create([
            try fixture.request(Self.message("sms", reference)),
            try fixture.request(Self.message("sms", #"{"code":"t","parameters":{"order":"1"}}"#)),
        ])
        let problem = #expect(throws: Problem.self) { try results[0].get() }
        #expect(problem?.status == 422)
        #expect(problem?.violations.map(\.pointer) == [pointer])
        // The others of the batch are not concerned.
        #expect(throws: Never.self) { try results[1].get() }
        #expect(try await fixture.count("SELECT count(*) AS count FROM messages") == 1)
    }

    @Test(
        "Nothing stands beside a template",
        arguments: [
            ("email", #""subject":"S""#, "/subject"), ("email", #""html":"H""#, "/html"),
            ("sms", #""body":"B""#, "/body"),
            ("push", #""subject":"S""#, "/subject"),
        ]
    )
    func beside(channel: String, part: String, pointer: String) throws {
        let to = channel == "email" ? "ann@example.com" : "+14155550100"
        let json = #"{"to":"\#(to)","channel":"\#(channel)","template":{"code":"t"},\#(part)}"#
        var fields = JSONFields(try JSONValue(parsing: json), at: "")
        _ = NewMessage(&fields, now: .now, region: nil)
        #expect(fields.violations.map(\.pointer) == [pointer])
    }

    @Test func whatWasMadeStaysAsItIs() async throws {
        let fixture = try MessagingFixture()
        let template = try await fixture.template(#"{"channel":"sandbox","body":"One {{x}}"}"#)
        let message = Self.message("sandbox", #"{"code":"t","parameters":{"x":"1"}}"#)
        let first = try await fixture.send(message)
        try await fixture.change(template, #"{"body":"Two {{x}}"}"#)
        let second = try await fixture.send(message)
        #expect(try await fixture.shown(first)?["body"] == "One 1")
        #expect(try await fixture.shown(second)?["body"] == "Two 1")
        #expect(try await fixture.shown(second)?["template"]?["version"] == 2)
        try await fixture.templates.remove(template, for: fixture.acting, requestID: "r")
        #expect(try await fixture.shown(first)?["body"] == "One 1")
        // The sandbox then plays a template of the provider's.
        let third = try await fixture.send(message)
        #expect(try await fixture.shown(third)?["body"] == nil)
    }

    @Test func aDryRunSaysTheSame() async throws {
        let known = PlayedValues(["name": "Ann"])
        let fixture = try MessagingFixture(known: known)
        try await fixture.account(.twilio)
        try await fixture.template(#"{"channel":"sms","body":"Hi {{name}}, {{x}}","variables":{"x":{}}}"#)
        let message = Self.message("sms", #"{"code":"t","parameters":{"x":"1"}}"#)
        let dry = try await fixture.dryRun(try fixture.request(message))
        let id = try await fixture.send(message)
        let sent = try #require(try await fixture.shown(id))
        #expect(dry["rendered"]?["body"] == "Hi Ann, 1")
        #expect(dry["body"] == sent["body"])
        #expect(dry["template"] == sent["template"])
        // Of a dry run nobody is made: whoever has the address is asked for.
        #expect(known.calls[0].map(\.whom) == [.address(Address(kind: .phone, value: "+14155550100"))])
        let wrong = try fixture.request(Self.message("sms", #"{"code":"t"}"#))
        let problem = await #expect(throws: Problem.self) { try await fixture.dryRun(wrong) }
        #expect(problem?.violations.map(\.pointer) == ["/template/parameters/x"])
    }

    @Test func anotherOrganizationsTemplateIsNobodys() async throws {
        let fixture = try MessagingFixture()
        let other = try MessagingFixture()
        try await fixture.account(.twilio)
        try await other.template(#"{"channel":"sms","body":"theirs"}"#)
        let results = await fixture.create([try fixture.request(Self.message("sms", #"{"code":"t"}"#))])
        #expect(throws: Problem.self) { try results[0].get() }
    }

    private static func message(_ channel: String, _ reference: String) -> String {
        #"{"to":"+14155550100","channel":"\#(channel)","template":\#(reference)}"#
    }
}
