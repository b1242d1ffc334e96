import Providers
import Shared
import Testing

struct HTTPWebhookTests {
    private func event(_ body: String, id: String = "evt-1") throws -> WebhookEvent {
        let events = try HTTPWebhook.events(Array(body.utf8), id: id)
        #expect(events.count == 1)
        #expect(events.first?.key == "evt-1")
        return try #require(events.first)
    }

    @Test(
        arguments: [
            (
                #"{"type":"message.received","data":{"id":"m-1","from":"user-7","name":"Ann","body":"Hi","subject":"S","#
                    + #""occurred_at":"2026-11-21T11:00:00+01:00","attachments":[{"url":"https://a/b.png","content_type":"image/png","file_name":"b.png"}]}}"#,
                [
                    "key": "evt-1", "id": "m-1", "senders": ["external user-7"], "profile_name": "Ann", "kind": "text",
                    "body": "Hi",
                    "subject": "S", "occurred_at": "2026-11-21T10:00:00.000000Z",
                    "attachments": ["url https://a/b.png image/png b.png"],
                ]
            ),
            (
                #"{"type":"message.received","data":{"from":"+1 (415) 555-0100","body":"Hi"}}"#,
                ["key": "evt-1", "id": "evt-1", "senders": ["phone +14155550100"], "kind": "text", "body": "Hi"]
            ),
            (
                #"{"type":"message.received","data":{"id":null,"from":"Ann@Example.com","name":"","body":"Hi","extra":{"a":1}},"more":1}"#,
                ["key": "evt-1", "id": "evt-1", "senders": ["email Ann@example.com"], "kind": "text", "body": "Hi"]
            ),
            (
                #"{"type":"message.received","data":{"id":"m","from":"u","body":"","attachments":[{"url":"http://a","content_type":"","x":1}]}}"#,
                [
                    "key": "evt-1", "id": "m", "senders": ["external u"], "kind": "document",
                    "attachments": ["url http://a - -"],
                ]
            ),
        ] as [(String, JSONValue)]
    )
    func `a message is read`(_ body: String, _ told: JSONValue) throws {
        #expect(try self.event(body).message?.told == told)
    }

    private static let reference = "01993c5e-0000-7000-8000-000000000001.3"

    @Test(
        arguments: [
            (#""status":"sent""#, ["sent"]), (#""status":"delivered","error":null"#, ["delivered"]),
            (#""status":"read""#, ["read"]),
            (#""status":"failed""#, ["failed", "failed", "permanent"]),
            (
                #""status":"failed","error":{"code":"no-route","detail":"There is no route."}"#,
                ["failed", "no-route", "permanent"]
            ),
            (#""status":"failed","error":{"code":30007,"detail":7}"#, ["failed", "30007", "permanent"]),
            (#""status":"failed","error":"odd""#, ["failed", "failed", "permanent"]),
        ] as [(String, [String])]
    )
    func `a status is read`(_ members: String, _ told: [String]) throws {
        let data =
            #"{"message_id":"m-1","reference":"\#(Self.reference)","occurred_at":"2026-11-21T10:00:00Z",\#(members)}"#
        let report = try #require(try self.event(#"{"type":"message.status","data":\#(data)}"#).report)
        #expect(report.status.told == told)
        #expect(report.eventKey == "evt-1")
        #expect(report.providerMessageID == "m-1")
        #expect(report.reference == AttemptReference(Self.reference))
        #expect(report.occurredAt == Timestamp("2026-11-21T10:00:00Z"))
    }

    @Test func `the words of a failure reach the sender`() throws {
        let data = #"{"message_id":"m","status":"failed","error":{"code":"c","detail":"There is no route."}}"#
        let report = try self.event(#"{"type":"message.status","data":\#(data)}"#).report
        #expect(report?.status == .failed(ProviderError(code: "c", detail: "There is no route."), .permanent))
    }

    @Test(arguments: ["customer.merged", "message.received.v2", "MESSAGE.RECEIVED"])
    func `other types are kept`(_ type: String) throws {
        #expect(try self.event(#"{"type":"\#(type)","data":7}"#).content == .other(type))
        #expect(try self.event(#"{"type":"\#(type)"}"#).content == .other(type))
    }

    @Test(arguments: [
        ("", "The body is not JSON: "), ("{", "The body is not JSON: "),
        ("[]", "The body must be an object, not an array."),
        ("{}", "/type is required."), (#"{"type":7}"#, "/type must be a string, not a number."),
        (#"{"type":""}"#, "/type must have 1 to 100 characters."),
        (#"{"type":"message.received"}"#, "/data must be an object, not null."),
        (#"{"type":"message.received","data":[]}"#, "/data must be an object, not an array."),
        (#"{"type":"message.received","data":{"body":"a"}}"#, "/data/from is required."),
        (
            #"{"type":"message.received","data":{"from":"a b","body":"a"}}"#,
            "/data/from must not contain spaces or control characters."
        ),
        (
            #"{"type":"message.received","data":{"from":"a"}}"#,
            "/data/body is required where there is no subject and no attachment."
        ),
        (#"{"type":"message.received","data":{"from":"a","body":7}}"#, "/data/body must be a string, not a number."),
        (
            #"{"type":"message.received","data":{"from":"a","body":"a","occurred_at":"today"}}"#,
            "/data/occurred_at must be a time with a zone"
        ),
        (
            #"{"type":"message.received","data":{"from":"a","attachments":{}}}"#,
            "/data/attachments must be an array, not an object."
        ),
        (
            #"{"type":"message.received","data":{"from":"a","attachments":[{"url":"https://a"},{"url":"file:///etc"}]}}"#,
            "/data/attachments/1/url must be an http or https URL"
        ),
        (
            #"{"type":"message.received","data":{"from":"a","attachments":[7]}}"#,
            "/data/attachments/0/url must be an http or https URL"
        ),
        (#"{"type":"message.status","data":{"status":"sent"}}"#, "/data/message_id is required, or reference."),
        (
            #"{"type":"message.status","data":{"message_id":"","status":"sent"}}"#,
            "/data/message_id must have 1 to 400 characters."
        ),
        (
            #"{"type":"message.status","data":{"reference":"mine","status":"sent"}}"#,
            "/data/reference must be the reference that the message was sent with."
        ),
        (#"{"type":"message.status","data":{"message_id":"m"}}"#, "/data/status is required."),
        (
            #"{"type":"message.status","data":{"message_id":"m","status":"lost"}}"#,
            "/data/status must be one of sent, delivered, read, failed."
        ),
    ])
    func `what is wrong is said in a sentence`(_ body: String, _ detail: String) {
        let failure = #expect(throws: WebhookFormatFailure.self) {
            try HTTPWebhook.events(Array(body.utf8), id: "evt-1")
        }
        #expect(failure?.detail.hasPrefix(detail) == true, "\(failure?.detail ?? "")")
    }

    @Test func `texts have their limits`() {
        func body(_ characters: Int, attachments: Int) -> [UInt8] {
            let text = String(repeating: "é", count: characters)
            let files = Array(repeating: #"{"url":"https://a"}"#, count: attachments).joined(separator: ",")
            return Array(
                #"{"type":"message.received","data":{"from":"a","body":"\#(text)","attachments":[\#(files)]}}"#.utf8
            )
        }
        #expect(throws: Never.self) { try HTTPWebhook.events(body(100_000, attachments: 20), id: "1") }
        #expect(throws: WebhookFormatFailure.self) { try HTTPWebhook.events(body(100_001, attachments: 0), id: "1") }
        #expect(throws: WebhookFormatFailure.self) { try HTTPWebhook.events(body(1, attachments: 21), id: "1") }
    }

    @Test func `an id of any length is a key that the tables take`() throws {
        let id = String(repeating: "x", count: 5000)
        #expect(try HTTPWebhook.events(Array(#"{"type":"a"}"#.utf8), id: id).first?.key.utf8.count == 64)
    }
}
