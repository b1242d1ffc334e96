import Providers
import Shared
import Testing

struct TwilioWebhookTests {
    @Test func `each status of Twilio has its meaning`() throws {
        let cases = try #require(try JSONValue(parsing: Fixture.bytes("twilio/callbacks.json")).array)
        #expect(cases.count == 15)
        for expected in cases {
            let form = try FormParameters(parsing: (expected["form"]?.string ?? "").utf8)
            let event = try TwilioWebhook.statusEvent(form, reference: "01993c5e-0000-7000-8000-000000000001.2")
            #expect(event.key == expected["key"]?.string)
            guard case .report(let report) = event.content else {
                Issue.record("\(event)")
                continue
            }
            #expect(report.eventKey == event.key)
            #expect(report.providerMessageID == form["MessageSid"] ?? form["SmsSid"])
            #expect(report.reference == AttemptReference(messageID: OutboundMessage.sampleMessageID, number: 2))
            #expect(Self.words(report.status) == Self.words(expected))
        }
    }

    private static func words(_ status: ProviderReport.Status) -> [String?] {
        switch status {
        case .sent: ["sent", nil, nil]
        case .delivered: ["delivered", nil, nil]
        case .read: ["read", nil, nil]
        case .note: ["note", nil, nil]
        case .failed(let error, let name): ["failed", error.code, name.rawValue]
        }
    }

    private static func words(_ expected: JSONValue) -> [String?] {
        ["status", "code", "class"].map { expected[$0]?.string }
    }

    @Test(arguments: [nil, "", "x", "01993c5e-0000-7000-8000-000000000001"])
    func `a reference that is not ours is left out`(_ reference: String?) throws {
        let event = try TwilioWebhook.statusEvent(
            FormParameters([("MessageSid", "SM1"), ("MessageStatus", "sent")]),
            reference: reference
        )
        guard case .report(let report) = event.content else {
            Issue.record("\(event)")
            return
        }
        #expect(report.reference == nil)
    }

    @Test(arguments: [
        "", "MessageStatus=sent", "MessageSid=SM1", "MessageSid=&MessageStatus=sent", "MessageSid=SM1&MessageStatus=",
    ])
    func `a form without message or status is refused`(_ form: String) throws {
        let parameters = try FormParameters(parsing: form.utf8)
        #expect(throws: WebhookFormatFailure.self) { try TwilioWebhook.statusEvent(parameters, reference: nil) }
    }
}
