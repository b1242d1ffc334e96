import Shared
import TestSupport
import Testing

@testable import MessagingService

/// Edits of messages that are made of templates keep to the rules of new ones.
@Suite(.messaging, .timeLimit(.minutes(5))) struct TemplatedEditTests {
    @Test(
        "An edit fills a template only where it is asked to",
        arguments: [
            (#"{"reference":"r"}"#, "One 1 Ann", 1), (#"{"scheduled_at":"2999-01-01T00:00:00Z"}"#, nil, nil),
            (#"{"template":{"code":"t","parameters":{"x":"2"}}}"#, "Two 2 Ann", 2),
            (#"{"to":"+15550000002"}"#, "Two 1 Ann", 2), (#"{"body":"plain"}"#, "plain", nil),
            (#"{"template":null}"#, "One 1 Ann", nil), (#"{"template":null,"body":"plain"}"#, "plain", nil),
            (#"{"subject":"S"}"#, nil, nil), (#"{"template":{"code":"t"}}"#, nil, nil),
            (#"{"template":{"code":"t","parameters":{"y":"2","x":"1"}}}"#, nil, nil),
        ] as [(String, String?, Int?)]
    )
    func edits(change: String, body: String?, version: Int?) async throws {
        let fixture = try MessagingFixture(known: PlayedValues(["name": "Ann"]))
        let template = try await fixture.template(
            #"{"channel":"sandbox","body":"One {{x}} {{name}}","variables":{"x":{}}}"#
        )
        let id = try await fixture.send(
            #"{"to":"+15550000001","channel":"sandbox","template":{"code":"t","parameters":{"x":"1"}}}"#
        )
        try await fixture.change(template, #"{"body":"Two {{x}} {{name}}"}"#)
        guard let body else {
            await #expect(throws: Problem.self) { try await fixture.edit(id, try JSONValue(parsing: change)) }
            #expect(try await fixture.shown(id)?["body"] == "One 1 Ann")
            return
        }
        try await fixture.edit(id, try JSONValue(parsing: change))
        let shown = try #require(try await fixture.shown(id))
        #expect(shown["body"]?.string == body)
        #expect(shown["template"]?["version"]?.int == version)
    }

    @Test func aTextBecomesATemplatesAndTheOtherWayRound() async throws {
        let fixture = try MessagingFixture()
        try await fixture.account(.smtp)
        try await fixture.template(#"{"channel":"email","subject":"S","body":"B","html":"H"}"#)
        let id = try await fixture.send(
            #"{"to":"ann@example.com","channel":"email","subject":"mine","body":"mine","html":"mine"}"#
        )
        try await fixture.edit(id, ["template": ["code": "t"]])
        let filled = try #require(try await fixture.shown(id))
        #expect(["subject", "body", "html"].map { filled[$0]?.string } == ["S", "B", "H"])
        try await fixture.edit(id, ["body": "mine", "html": .null])
        let plain = try #require(try await fixture.shown(id))
        #expect(["subject", "body", "html"].map { plain[$0]?.string } == ["S", "mine", nil])
        #expect(plain["template"] == nil)
    }

    @Test func componentsOfMetaAreMadeAnew() async throws {
        let fixture = try MessagingFixture()
        try await fixture.account(.whatsappCloud)
        try await fixture.template(
            #"{"channel":"whatsapp","whatsapp":{"name":"o","components":[{"type":"BODY","text":"{{1}}"}]}}"#
        )
        let id = try await fixture.send(
            #"{"to":"+14155550100","channel":"whatsapp","template":{"code":"t","parameters":{"1":"a"}}}"#
        )
        try await fixture.edit(id, ["to": "+14155550101"])
        let same = try await fixture.shown(id)?["template"]
        #expect(same?["components"]?.text == #"[{"type":"body","parameters":[{"type":"text","text":"a"}]}]"#)
        try await fixture.edit(id, ["template": ["code": "t", "parameters": ["1": "b"]]])
        let other = try await fixture.shown(id)?["template"]
        #expect(other?["components"]?.text == #"[{"type":"body","parameters":[{"type":"text","text":"b"}]}]"#)
        #expect(other?["name"] == "o")
    }
}
