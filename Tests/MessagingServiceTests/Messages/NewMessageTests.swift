import MessagingService
import Shared
import Testing

@Suite struct NewMessageTests {
    @Test func theLeastMessageHasSaneDefaults() throws {
        let message = try self.read(#"{"to": "+1 415 555-0100", "channel": "sms", "body": "Hello"}"#)
        #expect(message.recipient == .address(Address(kind: .phone, value: "+14155550100")))
        #expect(message.category == .transactional)
        #expect(message.onUncertain == .hold)
        // The account or the organization may have one.
        #expect(message.retryPolicy == nil)
    }

    @Test func aOneTimeCodeIsResentWhenNobodyKnows() throws {
        let message = try self.read(#"{"to": "+14155550100", "channel": "sms", "body": "1", "category": "otp"}"#)
        #expect(message.onUncertain == .resend)
    }

    @Test(arguments: [
        (#"{"preset": "kobliat"}"#, [10.0, 30, 60]),
        (#"{"delays": ["500ms", "10s", "5m", "1h", "7d"]}"#, [0.5, 10, 300, 3600, 604_800]),
        (#"{"max_retries": 0}"#, []), (#"{"preset": "kobliat", "max_retries": 2}"#, [10, 30]),
    ])
    func retriesAreReadAsTheyAreWritten(retry: String, seconds: [Double]) throws {
        let message = try self.read(#"{"to": "+14155550100", "channel": "sms", "body": "1", "retry": \#(retry)}"#)
        #expect(message.retryPolicy?.delays == seconds.map { .seconds($0) })
    }

    @Test(arguments: [
        (#"{"channel": "sms", "body": "x"}"#, "/to"),
        (#"{"to": "+14155550100", "body": "x"}"#, "/channel"),
        (#"{"to": "+14155550100", "channel": "fax", "body": "x"}"#, "/channel"),
        (#"{"to": "nobody", "channel": "sms", "body": "x"}"#, "/to"),
        (#"{"to": "ann@example", "channel": "email", "subject": "s", "body": "x"}"#, "/to"),
        (#"{"to": "+14155550100", "channel": "sms"}"#, "/body"),
        (#"{"to": "+14155550100", "channel": "sms", "body": ""}"#, "/body"),
        (#"{"to": "+14155550100", "channel": "sms", "body": 7}"#, "/body"),
        (#"{"to": "+14155550100", "channel": "sms", "body": "x", "html": "<b>"}"#, "/html"),
        (#"{"to": "ann@example.com", "channel": "email", "body": "x"}"#, "/subject"),
        (#"{"to": "ann@example.com", "channel": "email", "subject": "a\r\nBcc: b@c.de", "body": "x"}"#, "/subject"),
        (#"{"to": "+14155550100", "channel": "whatsapp", "body": "x", "template": {"code": "hi"}}"#, "/body"),
        (#"{"to": "+14155550100", "channel": "whatsapp", "template": {}}"#, "/template/code"),
        (
            #"{"to": "+14155550100", "channel": "whatsapp", "media": {"url": "http://a", "kind": "image"}}"#,
            "/media/url"
        ),
        (#"{"to": "+14155550100", "channel": "sms", "body": "x", "category": "spam"}"#, "/category"),
        (
            #"{"to": "+14155550100", "channel": "sms", "body": "x", "expires_at": "2020-01-01T00:00:00Z"}"#,
            "/expires_at"
        ),
        (
            #"{"to": "+14155550100", "channel": "sms", "body": "x", "scheduled_at": "2026-12-01T09:00:00"}"#,
            "/scheduled_at"
        ),
        (
            #"{"to": "+14155550100", "channel": "sms", "body": "x", "scheduled_at": "2999-12-01T09:00:00Z"}"#,
            "/scheduled_at"
        ),
        (#"{"to": "+14155550100", "channel": "sms", "body": "x", "retry": {"delays": ["8d"]}}"#, "/retry/delays"),
        (#"{"to": "+14155550100", "channel": "sms", "body": "x", "retry": {"delays": ["soon"]}}"#, "/retry/delays"),
        (#"{"to": "+14155550100", "channel": "sms", "body": "x", "retry": {"delays": ["-5s"]}}"#, "/retry/delays"),
        (
            #"{"to": "+14155550100", "channel": "sms", "body": "x", "retry": {"preset": "outbox", "delays": ["5s"]}}"#,
            "/retry/delays"
        ),
        (#"{"to": "+14155550100", "channel": "sms", "body": "x", "retry": {"max_retries": -1}}"#, "/retry/max_retries"),
        (#"{"to": "+14155550100", "channel": "sms", "body": "x", "on_uncertain": "forget"}"#, "/on_uncertain"),
        (#"{"to": "+14155550100", "channel": "sms", "body": "x", "retry": {"max_retries": 6}}"#, "/retry/max_retries"),
        (#"{"to": "+14155550100", "channel": "sms", "body": "x", "metadata": []}"#, "/metadata"),
        (#"{"to": "+14155550100", "channel": "sms", "body": "x", "idempotency_key": "a b"}"#, "/idempotency_key"),
        (
            #"{"to": "+14155550100", "customer_id": "0199aaaa-0000-7000-8000-000000000000", "channel": "sms", "body": "x"}"#,
            "/to"
        ),
        (#"{"to": "+14155550100", "channel": "sms", "body": "x", "status": "sent"}"#, "/status"),
        (
            #"{"to": "+14155550100", "channel": "sms", "body": "x", "org_id": "0199aaaa-0000-7000-8000-000000000000"}"#,
            "/org_id"
        ),
    ])
    func whatIsWrongIsNamed(body: String, pointer: String) throws {
        let problem = #expect(throws: Problem.self) { try self.read(body) }
        #expect(problem?.status == 422)
        #expect(problem?.violations.map(\.pointer).contains(pointer) == true)
    }

    @Test(arguments: [(20, true), (21, false)]) func aPolicyHasTwentyDelaysAtMost(count: Int, isAllowed: Bool) {
        let delays = Array(repeating: #""1s""#, count: count).joined(separator: ", ")
        let text = #"{"to": "+14155550100", "channel": "sms", "body": "x", "retry": {"delays": [\#(delays)]}}"#
        let result = Result { try self.read(text) }
        #expect((try? result.get())?.retryPolicy?.delays.count == (isAllowed ? 20 : nil))
        guard !isAllowed else { return }
        let problem = #expect(throws: Problem.self) { try result.get() }
        #expect(problem?.violations.map(\.pointer) == ["/retry/delays"])
    }

    @Test(arguments: [#""""#, "5", "null", "[]"])
    func aPartThatIsWrongIsComplainedAboutOnce(body: String) throws {
        let problem = #expect(throws: Problem.self) {
            try self.read(#"{"to": "+14155550100", "channel": "sms", "body": \#(body)}"#)
        }
        #expect(problem?.violations.count { $0.pointer == "/body" } == 1)
    }

    @Test(arguments: [(Channel.sms, 1600), (.whatsapp, 4096)])
    func aTextMayBeAsLongAsItsChannelAllows(channel: Channel, limit: Int) throws {
        func body(_ count: Int) -> String {
            #"{"to": "+14155550100", "channel": "\#(channel.rawValue)", "body": "\#(String(repeating: "x", count: count))"}"#
        }
        #expect(throws: Never.self) { try self.read(body(limit)) }
        #expect(throws: Problem.self) { try self.read(body(limit + 1)) }
    }

    @Test func metadataMayHaveSixteenKilobytes() throws {
        func body(_ count: Int) -> String {
            let metadata = #"{"a":"\#(String(repeating: "x", count: count - 8))"}"#
            return #"{"to": "+14155550100", "channel": "sms", "body": "x", "metadata": \#(metadata)}"#
        }
        #expect(throws: Never.self) { try self.read(body(Limits.metadataBytes)) }
        #expect(throws: Problem.self) { try self.read(body(Limits.metadataBytes + 1)) }
    }

    @Test func aNumberInNationalFormNeedsTheOrganizationsRegion() throws {
        let body = #"{"to": "0171 1234567", "channel": "sms", "body": "x"}"#
        let message = try self.read(body, region: PhoneRegion(rawValue: "DE"))
        #expect(message.recipient == .address(.init(kind: .phone, value: "+491711234567")))
        let problem = #expect(throws: Problem.self) { try self.read(body) }
        #expect(problem?.violations.map(\.pointer) == ["/to"])
        #expect(problem?.violations.first?.detail.contains("default_region") == true)
    }

    private func read(_ text: String, region: PhoneRegion? = nil) throws -> NewMessage {
        var fields = JSONFields(try JSONValue(parsing: Array(text.utf8)), at: "")
        let message = NewMessage(&fields, now: .now, region: region)
        try fields.finish()
        return message
    }
}
