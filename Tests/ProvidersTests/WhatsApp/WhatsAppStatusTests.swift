import Providers
import Shared
import Testing

struct WhatsAppStatusTests {
    private static func events(_ statuses: String) throws -> [WebhookEvent] {
        let value = #"{"metadata":{"phone_number_id":"1"},"statuses":[\#(statuses)]}"#
        return try WhatsAppWebhook.events(
            Array(#"{"entry":[{"changes":[{"field":"messages","value":\#(value)}]}]}"#.utf8)
        )
    }

    @Test(
        arguments: [
            (#""status":"sent""#, ["sent"]),
            (
                #""status":"delivered","conversation":{"id":"c","origin":{"type":"service"}},"pricing":{"billable":true}"#,
                ["delivered"]
            ),
            (#""status":"delivered","conversation":null,"pricing":"odd""#, ["delivered"]),
            (#""status":"read","recipient_user_id":"US.1""#, ["read"]),
            (#""status":"played""#, ["read"]),
            (#""status":"deleted""#, ["note", "deleted"]),
            (#""status":"warming_up""#, ["note", "warming_up"]),
            // The user stopped marketing messages.
            (#""status":"failed","errors":[{"code":131050,"title":"t"}]"#, ["failed", "131050", "permanent"]),
            (#""status":"failed","errors":[{"code":131026,"title":"t"}]"#, ["failed", "131026", "permanent"]),
            (#""status":"failed","errors":[{"code":131047}]"#, ["failed", "131047", "permanent"]),
            (#""status":"failed","errors":[{"code":131053}]"#, ["failed", "131053", "transient"]),
            (#""status":"failed","errors":[{"code":131056}]"#, ["failed", "131056", "throttled"]),
            (#""status":"failed","errors":[{"code":131042}]"#, ["failed", "131042", "account"]),
            (#""status":"failed","errors":[{"code":999999}]"#, ["failed", "999999", "permanent"]),
            (#""status":"failed","errors":[]"#, ["failed", "unknown", "permanent"]),
            (#""status":"failed","errors":"odd""#, ["failed", "unknown", "permanent"]),
            (#""status":"failed""#, ["failed", "unknown", "permanent"]),
        ] as [(String, [String])]
    )
    func `each status has its meaning`(_ members: String, _ told: [String]) throws {
        let events = try Self.events(#"{"id":"wamid.1","timestamp":"1795255200",\#(members)}"#)
        #expect(events.map { $0.report?.status.told } == [told])
        #expect(events.first?.report?.occurredAt == Timestamp("2026-11-21T10:00:00Z"))
    }

    @Test func `in a group the status of each participant counts`() throws {
        let events = try Self.events(
            ["1", "2"].map { participant in
                #"{"id":"wamid.1","status":"read","timestamp":"1795255200","recipient_type":"group","#
                    + #""recipient_id":"g","recipient_participant_id":"\#(participant)"}"#
            }.joined(separator: ",")
        )
        #expect(Set(events.map(\.key)).count == 2)
    }

    @Test func `ten thousand statuses are read at once`() throws {
        let statuses = (0..<10_000).map { number in
            #"{"id":"wamid.\#(number)","status":"delivered","timestamp":"1795255200","recipient_id":"16505551234","#
                + #""biz_opaque_callback_data":"01993c5e-0000-7000-8000-000000000001.3","#
                + #""conversation":{"id":"c","expiration_timestamp":"1795341600","origin":{"type":"utility"}},"#
                + #""pricing":{"billable":true,"pricing_model":"PMP","type":"regular","category":"utility"}}"#
        }
        let clock = ContinuousClock()
        let start = clock.now
        let events = try Self.events(statuses.joined(separator: ","))
        #expect(events.compactMap(\.report?.reference).count == 10_000)
        #expect(Set(events.map(\.key)).count == 10_000)
        // Without optimisation, beside other tests; 45 ms in a build for production.
        #expect(clock.now - start < .seconds(20))
    }

    @Test func `what Meta adds to other fields is kept, with the number it is about`() throws {
        let body =
            #"{"entry":[{"changes":[{"field":"user_preferences","value":{"metadata":{"phone_number_id":"7"}}}]}]}"#
        let events = try WhatsAppWebhook.events(Array(body.utf8))
        #expect(events.map(\.content) == [.other("user_preferences")])
        #expect(events.map(\.providerNumber) == ["7"])
    }

    @Test func `names of any length fit into the tables`() throws {
        let name = String(repeating: "é", count: 100_000)
        let events = try Self.events(#"{"id":"wamid.1","status":"\#(name)"},{"id":"","status":"\#(name)"}"#)
        #expect(events.allSatisfy { $0.key.utf8.count <= 400 })
        #expect(events.first?.report?.status == .note(String(repeating: "é", count: 32)))
        let field = try WhatsAppWebhook.events(Array(#"{"entry":[{"changes":[{"field":"\#(name)"}]}]}"#.utf8))
        #expect(field.allSatisfy { $0.key.utf8.count <= 400 })
    }
}
