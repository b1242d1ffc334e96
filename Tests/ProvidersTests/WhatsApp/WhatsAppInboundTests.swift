import Providers
import Shared
import Testing

struct WhatsAppInboundTests {
    private static func events(messages: [JSONValue], contacts: JSONValue) throws -> [WebhookEvent] {
        let value: JSONValue = [
            "metadata": ["phone_number_id": "106540352242922"], "contacts": contacts, "messages": .array(messages),
        ]
        let payload: JSONValue = ["entry": [["changes": [["field": "messages", "value": value]]]]]
        return try WhatsAppWebhook.events(payload.bytes)
    }

    /// What most cases have in common.
    private static let usual: JSONObject = [
        "key": "wamid.1", "id": "wamid.1", "kind": "text", "senders": ["phone +16505551234"],
        "occurred_at": "2026-11-21T10:00:00.000000Z",
    ]

    @Test func `each type of message says what a person reads`() throws {
        let cases = try #require(try JSONValue(parsing: Fixture.bytes("whatsapp/inbound.json")).array)
        #expect(cases.count == 39)
        for expected in cases {
            var told = Self.usual
            for member in expected["told"]?.object?.members ?? [] {
                told[member.name] = member.value.isNull ? Optional.none : member.value
            }
            let sheena: JSONValue = [["profile": ["name": "Sheena"], "wa_id": "16505551234"]]
            let events = try Self.events(
                messages: [try #require(expected["message"])],
                contacts: expected["contacts"] ?? sheena
            )
            #expect(events.count == 1)
            #expect(events.first?.providerNumber == "106540352242922")
            #expect(events.first?.message?.told == .object(told), "\(expected["case"]?.string ?? "")")
        }
    }

    @Test(arguments: [
        #"{"from":"16505551234","type":"text","text":{"body":"a"}}"#,
        #"{"from":"16505551234","id":"","type":"text","text":{"body":"a"}}"#,
        #"{"from":"16505551234","id":7,"type":"text","text":{"body":"a"}}"#,
        #"{"id":"wamid.1","type":"text","text":{"body":"a"}}"#,
        #"{"from":"","id":"wamid.1","type":"text","text":{"body":"a"}}"#,
        #"{"from":"١٢٣","from_user_id":"","id":"wamid.1","type":"text","text":{"body":"a"}}"#,
        #"null"#, #"7"#, #"[]"#,
    ])
    func `what has no id or no sender is kept`(_ message: String) throws {
        let events = try Self.events(messages: [JSONValue(parsing: message)], contacts: [])
        #expect(events.map(\.content) == [.other("message")])
    }

    @Test(arguments: [
        ("5215512345678", "+525512345678"), ("525512345678", "+525512345678"), ("5491123456789", "+5491123456789"),
        ("553181234567", "+5531981234567"), ("5531981234567", "+5531981234567"), ("553132123456", "+553132123456"),
    ])
    func `a sender has the number that people write`(told: String, number: String) throws {
        let message: JSONValue = ["from": .string(told), "id": "wamid.1", "type": "text", "text": ["body": "a"]]
        let read = try #require(try Self.events(messages: [message], contacts: []).first?.message)
        #expect(read.senders == [Address(kind: .phone, value: number)])
    }

    @Test(arguments: [
        ("15550001111", "+15550001111"), ("+1 (555) 000-1111", "+15550001111"), ("5215512345678", "+525512345678"),
        ("Shop", nil), ("", nil), (nil, nil),
    ])
    func `the account's own number is as the webhook shows it`(shown: String?, number: String?) throws {
        var metadata: JSONObject = ["phone_number_id": "106540352242922"]
        metadata["display_phone_number"] = shown.map { .string($0) }
        let message: JSONValue = ["from": "16505551234", "id": "wamid.1", "type": "text", "text": ["body": "a"]]
        let value: JSONValue = ["metadata": .object(metadata), "messages": [message]]
        let payload: JSONValue = ["entry": [["changes": [["field": "messages", "value": value]]]]]
        #expect(try WhatsAppWebhook.events(payload.bytes).first?.message?.recipient == number)
    }

    @Test func `an id of any length is a key that the tables take`() throws {
        let message: JSONValue = [
            "from": "16505551234", "id": .string(String(repeating: "x", count: 5000)), "type": "text",
        ]
        let read = try #require(try Self.events(messages: [message], contacts: []).first?.message)
        #expect(read.eventKey.utf8.count == 64)
        #expect(read.providerMessageID == read.eventKey)
    }

    @Test func `thousands of contacts do not slow thousands of messages`() throws {
        let count = 5000
        let messages = (0..<count).map { number -> JSONValue in
            ["from": .string("\(16_505_550_000 + number)"), "id": .string("wamid.\(number)"), "type": "text"]
        }
        let contacts = (0..<count).map { number -> JSONValue in
            ["wa_id": .string("\(16_505_550_000 + number)"), "profile": ["name": .string("n\(number)")]]
        }
        let clock = ContinuousClock()
        let start = clock.now
        let events = try Self.events(messages: messages, contacts: .array(contacts))
        #expect(events.compactMap { $0.message?.profileName } == (0..<count).map { "n\($0)" })
        // A tenth of it here; to look through all contacts for each message takes minutes.
        #expect(clock.now - start < .seconds(20))
    }
}
