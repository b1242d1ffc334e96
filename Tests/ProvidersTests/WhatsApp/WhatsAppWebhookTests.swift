import Providers
import Shared
import Testing

struct WhatsAppWebhookTests {
    private static let reference = AttemptReference("01993c5e-0000-7000-8000-000000000001.3")

    private func events() throws -> [WebhookEvent] {
        try WhatsAppWebhook.events(Fixture.bytes("whatsapp/webhook-many.json"))
    }

    private func reports() throws -> [ProviderReport] {
        try self.events().compactMap { event in
            guard case .report(let report) = event.content else { return nil }
            return report
        }
    }

    @Test func `every entry, change, message and status is an event of its number`() throws {
        let events = try self.events()
        let named = events.map { "\($0.providerNumber ?? "-") \($0.key.split(separator: ":").first ?? "")" }
        #expect(
            named == [
                "106540352242922 wamid.A", "106540352242922 wamid.A", "106540352242922 wamid.B",
                "106540352242922 wamid.V",
                "206540352242922 wamid.IN1", "206540352242922 wamid.IN2", "206540352242922 message",
                "306540352242922 wamid.C", "306540352242922 wamid.D", "306540352242922 wamid.E",
                "306540352242922 status",
                "306540352242922 errors", "- account_update", "306540352242922 messages", "- entry",
            ]
        )
        #expect(Set(events.map(\.key)).count == events.count)
        #expect(try self.events() == events)
    }

    @Test func `statuses carry our reference, their time and a key of their own`() throws {
        let reports = try self.reports()
        #expect(
            reports[0]
                == ProviderReport(
                    eventKey: "wamid.A:sent:1795255200",
                    reference: Self.reference,
                    providerMessageID: "wamid.A",
                    status: .sent,
                    occurredAt: Timestamp("2026-11-21T10:00:00Z")
                )
        )
        #expect(reports[1].status == .delivered)
        #expect(reports[2].status == .read)
        #expect(reports[2].reference == nil)
        #expect(reports[2].occurredAt == Timestamp("2026-11-21T10:00:02Z"))
        #expect(reports[3].status == .read)
        #expect(reports[3].occurredAt == Timestamp("2026-11-21T10:00:03Z"))
    }

    @Test func `a failure carries its code, its words and its class`() throws {
        let failed = try #require(try self.reports().first { $0.providerMessageID == "wamid.C" })
        guard case .failed(let error, let failureClass) = failed.status else {
            Issue.record("\(failed.status)")
            return
        }
        #expect(failureClass == .account)
        #expect(error.code == "131042")
        #expect(
            error.detail == "Business eligibility payment issue: Message failed to send because of a payment issue."
        )
        #expect(failed.reference == nil)
    }

    @Test func `what is unusual in a status does not lose it`() throws {
        let reports = try self.reports()
        #expect(reports.first { $0.providerMessageID == "wamid.D" }?.status == .note("deleted"))
        let bare = try #require(reports.first { $0.providerMessageID == "wamid.E" })
        #expect(bare.occurredAt == nil)
        guard case .failed(let error, .permanent) = bare.status else {
            Issue.record("\(bare.status)")
            return
        }
        #expect(error.code == "unknown")
    }

    @Test func `a message comes with its sender and its number`() throws {
        let message = try #require(
            try self.events().compactMap { event -> InboundMessage? in
                guard case .message(let message) = event.content else { return nil }
                return message
            }.first
        )
        #expect(message.content.body == "héllo 😀")
        #expect(message.profileName == "Sheena")
    }

    @Test(arguments: ["", "x", "[]", "{}", #"{"entry":{}}"#, #"{"entry":[}"#, #"{"entry":[],"entry":[]}"#])
    func `what is no payload is refused with a sentence`(_ body: String) {
        #expect(throws: WebhookFormatFailure.self) { try WhatsAppWebhook.events(Array(body.utf8)) }
    }

    @Test(arguments: [
        #"{"entry":[null,1,"a",{"changes":1},{"changes":[null,1,{"field":"messages","value":[]}]}]}"#,
        #"{"entry":[{"changes":[{"field":"messages","value":{"messages":[null,{"id":7}],"statuses":["a",{"id":""}]}}]}]}"#,
    ])
    func `parts of another form are kept as they are`(_ body: String) throws {
        let events = try WhatsAppWebhook.events(Array(body.utf8))
        #expect(!events.isEmpty)
        for event in events {
            guard case .other = event.content else {
                Issue.record("\(event)")
                continue
            }
        }
    }
}
