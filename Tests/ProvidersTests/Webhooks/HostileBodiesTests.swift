import Providers
import Shared
import Testing

/// Bodies that are cut off anywhere, or have a wrong bit anywhere: each is read or refused, and none ends the process.
struct HostileBodiesTests {
    private static let whatsapp = Array(
        (#"{"entry":[{"changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"1"},"#
            + #""contacts":[{"profile":{"name":"é"},"wa_id":"1650","user_id":"US.1"}],"#
            + #""messages":[{"from":"1650","id":"w","timestamp":"1795255200","type":"location","location":{"latitude":1.5,"longitude":-2}},"#
            + #"{"from_user_id":"US.1","id":"w2","type":"audio","audio":{"id":"3","voice":true}}],"#
            + #""statuses":[{"id":"w","status":"failed","timestamp":1795255200000,"errors":[{"code":131050}]}]}}]}]}"#)
            .utf8
    )
    private static let twilio = Array(
        "MessageSid=SM1&From=whatsapp%3A%2B14155550100&Body=h%C3%A9&NumMedia=1&MediaUrl0=https%3A%2F%2Fa&OptOutType=STOP"
            .utf8
    )
    private static let twilioJSON = Array(#"{"MessageSid":"SM1","From":"+14155550100","Body":"é😀","NumMedia":1}"#.utf8)
    private static let http = Array(
        (#"{"type":"message.status","data":{"reference":"01993c5e-0000-7000-8000-000000000001.3","status":"failed","#
            + #""error":{"code":"c"},"occurred_at":"2026-11-21T10:00:00Z"}}"#).utf8
    )
    private static let email = MultipartBody.bytes([
        (head: "name=\"headers\"", content: Array("A: b\r\n c\r\nMessage-ID: <é@b>\r\n".utf8)),
        (head: "name=\"from\"", content: Array("\"A\\\" (b)\" <ann@x.com>".utf8)),
        (head: "name=\"charsets\"", content: Array(#"{"text":"gb2312","subject":"iso-2022-jp"}"#.utf8)),
        (head: "name=\"text\"", content: [0xC4, 0xE3, 0x0A, 0xBA, 0xC3]),
        (head: "name=\"subject\"", content: [0x1B, 0x24, 0x42, 0x24, 0x33, 0x1B, 0x28, 0x42]),
        (head: "name=\"attachment1\"; filename=\"a\"", content: [0x0D, 0x0A, 0x2D, 0x2D]),
    ])

    private static func variants(of body: [UInt8]) -> [[UInt8]] {
        let cut = (0...body.count).map { Array(body.prefix($0)) }
        let flipped = body.indices.flatMap { index in
            [0x01, 0x20, 0x80].map { (bit: UInt8) in
                var body = body
                body[index] ^= bit
                return body
            }
        }
        return cut + flipped
    }

    @Test func `WhatsApp`() {
        for body in Self.variants(of: Self.whatsapp) {
            let events = (try? WhatsAppWebhook.events(body)) ?? []
            #expect(events.allSatisfy { (1...400).contains($0.key.utf8.count) })
            #expect(
                events.compactMap(\.message).allSatisfy { !$0.senders.isEmpty && $0.senders.allSatisfy(\.isStorable) }
            )
        }
        #expect((try? WhatsAppWebhook.events(Self.whatsapp))?.count == 3)
    }

    @Test func `Twilio`() {
        for body in Self.variants(of: Self.twilio) {
            let form = try? FormParameters(parsing: body)
            let senders = form.flatMap(TwilioInbound.message)?.senders
            #expect(senders?.allSatisfy(\.isStorable) != false)
        }
        for body in Self.variants(of: Self.twilioJSON) {
            let form = try? FormParameters(json: body)
            #expect(form.flatMap(TwilioInbound.message)?.senders.isEmpty != true)
        }
    }

    @Test func `SendGrid`() {
        for body in Self.variants(of: SendGridSignatureTests.body) {
            let events = (try? SendGridWebhook.events(body)) ?? []
            #expect(events.allSatisfy { (1...400).contains($0.key.utf8.count) })
        }
        for body in Self.variants(of: Self.email) {
            let event = try? InboundParse.event(body, contentType: MultipartBody.contentType)
            #expect(event?.message?.senders.allSatisfy(\.isStorable) != false)
        }
    }

    @Test func `the generic endpoint`() {
        for body in Self.variants(of: Self.http) {
            let events = (try? HTTPWebhook.events(body, id: "1")) ?? []
            #expect(events.count <= 1)
        }
    }

    @Test func `headers`() {
        let now = Timestamp(microseconds: 1_600_112_502_000_000)
        for text in Self.variants(of: Array(SendGridSignatureTests.signature.utf8)) {
            let signature = String(decoding: text, as: UTF8.self)
            guard signature != SendGridSignatureTests.signature else { continue }
            #expect(throws: WebhookSignatureFailure.self) {
                try SendGridSignature.verify(
                    body: SendGridSignatureTests.body,
                    signature: signature,
                    timestamp: SendGridSignatureTests.timestamp,
                    publicKey: SendGridSignatureTests.publicKey,
                    now: now
                )
            }
        }
        for text in Self.variants(of: Array("\(StandardWebhooksTests.signature) v1,A".utf8)) {
            try? StandardWebhooks.verify(
                body: StandardWebhooksTests.body,
                id: StandardWebhooksTests.id,
                timestamp: "9223372036854775807",
                signature: String(decoding: text, as: UTF8.self),
                secret: StandardWebhooksTests.secret,
                now: now
            )
        }
        for text in Self.variants(of: Array("multipart/form-data; x=\"\\\"\"; boundary=\"xYzZY\"".utf8)) {
            let contentType = String(decoding: text, as: UTF8.self)
            let form = try? MultipartForm(parsing: Self.email, contentType: contentType)
            #expect(form == nil || form?.parts.count == 6)
        }
    }
}
