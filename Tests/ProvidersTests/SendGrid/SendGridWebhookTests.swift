import Providers
import Shared
import Testing

struct SendGridWebhookTests {
    @Test(arguments: [
        ("unsubscribe", "unsubscribe"), ("group_unsubscribe", "unsubscribe"), ("spamreport", "complaint"),
    ])
    func `who wants no more is told beside the report`(_ name: String, _ source: String) throws {
        let body =
            #"[{"email":"a@B.c","timestamp":1795255200,"sg_event_id":"e-1","sg_message_id":"L.0","event":"\#(name)","#
            + #""attempt_id":"01993c5e-0000-7000-8000-000000000001.3"}]"#
        let events = try SendGridWebhook.events(Array(body.utf8))
        try #require(events.count == 2)
        #expect(Set(events.map(\.key)).count == 2)
        guard case .report(let report) = events[0].content, case .optOut(let optOut) = events[1].content else {
            Issue.record("not a report and an opt-out")
            return
        }
        #expect(report.status == .note(name))
        #expect(optOut.address == Address(kind: .email, value: "a@b.c") && optOut.channel == .email)
        #expect(optOut.source.rawValue == source)
        #expect(optOut.messageID?.description == "01993c5e-0000-7000-8000-000000000001")
        #expect(optOut.occurredAt == Timestamp("2026-11-21T10:00:00Z"))
    }

    @Test(arguments: [#""event":"open""#, #""event":"group_resubscribe""#, #""event":"unsubscribe","email":"none""#])
    func `what is no wish to end is none`(_ members: String) throws {
        let body = #"[{"sg_event_id":"e-1","sg_message_id":"L.0",\#(members)}]"#
        #expect(try SendGridWebhook.events(Array(body.utf8)).count == 1)
    }

    private static func event(_ members: String) throws -> WebhookEvent {
        let body =
            #"[{"email":"a@b.c","timestamp":1795255200,"sg_event_id":"e-1","sg_message_id":"LRzXl_NH.recvd-p3-5F.0","#
            + #""attempt_id":"01993c5e-0000-7000-8000-000000000001.3",\#(members)}]"#
        return try #require(try SendGridWebhook.events(Array(body.utf8)).first)
    }

    @Test(
        arguments: [
            (#""event":"processed""#, ["sent"]),
            (#""event":"deferred","response":"400 try again later","attempt":"5""#, ["note", "deferred"]),
            (#""event":"delivered","response":"250 OK""#, ["delivered"]),
            (
                #""event":"bounce","type":"bounce","status":"5.1.1","reason":"550 unknown""#,
                ["failed", "bounce", "permanent"]
            ),
            (
                #""event":"bounce","type":"blocked","status":"5.2.2","reason":"full""#,
                ["failed", "blocked", "permanent"]
            ),
            (#""event":"bounce","reason":"unable to get mx info""#, ["failed", "bounce", "permanent"]),
            (#""event":"blocked""#, ["failed", "blocked", "permanent"]),
            (#""event":"dropped","reason":"Bounced Address""#, ["failed", "dropped", "permanent"]),
            (#""event":"dropped","type":"odd""#, ["failed", "dropped", "permanent"]),
            (#""event":"open","useragent":"x","ip":"1.2.3.4""#, ["note", "open"]),
            (#""event":"click","url":"https://a""#, ["note", "click"]),
            (#""event":"spamreport""#, ["note", "spamreport"]),
            (#""event":"unsubscribe""#, ["note", "unsubscribe"]),
            (#""event":"group_unsubscribe","asm_group_id":10"#, ["note", "group_unsubscribe"]),
            (#""event":"group_resubscribe","asm_group_id":10"#, ["note", "group_resubscribe"]),
            (#""event":"teleported","unknown":{"a":[1]}"#, ["note", "teleported"]),
        ] as [(String, [String])]
    )
    func `each event has its meaning`(_ members: String, _ told: [String]) throws {
        let event = try Self.event(members)
        let report = try #require(event.report)
        #expect(report.status.told == told)
        #expect(event.key == "e-1")
        #expect(report.eventKey == "e-1")
        #expect(report.providerMessageID == "LRzXl_NH")
        #expect(report.reference == AttemptReference("01993c5e-0000-7000-8000-000000000001.3"))
        #expect(report.occurredAt == Timestamp("2026-11-21T10:00:00Z"))
    }

    @Test(arguments: [
        (#""status":"5.1.1","reason":"550 unknown""#, "5.1.1: 550 unknown"),
        (#""reason":"550 unknown""#, "550 unknown"),
        (#""status":"5.1.1""#, "5.1.1: SendGrid reports the message as bounce."),
        (#""status":5,"reason":null"#, "SendGrid reports the message as bounce."),
    ])
    func `a failure says why`(_ members: String, _ detail: String) throws {
        guard
            case .failed(let error, .permanent) = try Self.event(#""event":"bounce","type":"bounce",\#(members)"#)
                .report?.status
        else {
            Issue.record("no failure")
            return
        }
        #expect(error.detail == detail)
        #expect(error.response?.contains(#""type":"bounce""#) == true)
        #expect(error.response?.contains("a@b.c") == false)
    }

    @Test(arguments: [
        (#"{"event":"open","sg_event_id":"e-1","sg_message_id":"m.1","attempt_id":"theirs"}"#, "m"),
        (#"{"event":"open","sg_event_id":"e-1","sg_message_id":"m","timestamp":"never"}"#, "m"),
        (#"{"event":"open","sg_event_id":"e-1","attempt_id":"01993c5e-0000-7000-8000-000000000001.3"}"#, nil),
        (
            #"{"event":"open","sg_event_id":"e-1","sg_message_id":"","attempt_id":"01993c5e-0000-7000-8000-000000000001.3"}"#,
            nil
        ),
        (
            #"{"event":"open","sg_event_id":"e-1","sg_message_id":".m","attempt_id":"01993c5e-0000-7000-8000-000000000001.3"}"#,
            nil
        ),
    ])
    func `one of both ids is enough`(_ element: String, _ messageID: String?) throws {
        let report = try #require(try SendGridWebhook.events(Array("[\(element)]".utf8)).first?.report)
        #expect(report.providerMessageID == messageID)
        #expect((report.reference != nil) == (messageID == nil))
    }

    @Test func `what lacks its ids, or is no object, is kept`() throws {
        let body =
            #"[null,7,"a",[],{},{"event":"open","sg_message_id":"m"},{"event":"open","sg_event_id":"e-2"},"#
            + #"{"sg_event_id":"e-3","sg_message_id":"m"},{"event":"open","sg_event_id":"","sg_message_id":"m"},"#
            + #"{"event":"delivered","sg_event_id":"e-4","sg_message_id":"m"}]"#
        let events = try SendGridWebhook.events(Array(body.utf8))
        let others = events.map { event in
            guard case .other(let name) = event.content else { return "report" }
            return name
        }
        #expect(others == ["event", "event", "event", "event", "event", "open", "open", "event", "open", "report"])
        #expect(Set(events.map(\.key)).count == events.count)
        #expect(events[6].key == "e-2")
        #expect(try SendGridWebhook.events(Array(body.utf8)) == events)
    }

    @Test func `an empty array has no events`() throws {
        #expect(try SendGridWebhook.events(Array("[]".utf8)).isEmpty)
    }

    @Test(arguments: ["", "{}", "[", "7", #"{"event":"open"}"#, #"[{"event":"open"},]"#])
    func `what is no array is refused with a sentence`(_ body: String) {
        let failure = #expect(throws: WebhookFormatFailure.self) { try SendGridWebhook.events(Array(body.utf8)) }
        #expect(failure?.detail.hasPrefix("The body") == true)
    }
}
