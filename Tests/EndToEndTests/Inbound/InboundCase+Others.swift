import Foundation
import Shared
import TestSupport

extension InboundCase {
    static let twilio: [InboundCase] = [
        InboundCase("SMS", 200, .message(id: "SM1", type: "text", body: "Hello")) {
            try await $0.sms("SM1", [("Body", "Hello")])
        },
        InboundCase("SMS without words", 200, .message(id: "SM2", type: "text", body: nil)) {
            try await $0.sms("SM2", [("Body", "")])
        },
        InboundCase("MMS", 200, .message(id: "MM1", type: "image", body: "Look")) {
            try await $0.sms(
                "MM1",
                [
                    ("Body", "Look"), ("NumMedia", "2"), ("MediaUrl0", "https://api.twilio.com/m/0"),
                    ("MediaContentType0", "image/jpeg"), ("MediaUrl1", "https://api.twilio.com/m/1"),
                    ("MediaContentType1", "image/png"),
                ]
            )
        },
        InboundCase("HELP", 200, .message(id: "SM3", type: "text", body: "HELP")) {
            try await $0.sms("SM3", [("Body", "HELP")])
        },
        InboundCase("STOP that Twilio answered", 200, .message(id: "SM4", type: "text", body: "STOP")) {
            try await $0.sms("SM4", [("Body", "STOP"), ("OptOutType", "STOP")])
        },
        InboundCase("WhatsApp by Twilio", 200, .message(id: "SM5", type: "text", body: "Hi")) {
            try await $0.sms(
                "SM5",
                [("Body", "Hi"), ("ProfileName", "Ann"), ("WaId", "14155550101")],
                from: "whatsapp:+14155550101"
            )
        },
        InboundCase("a short code", 200, .message(id: "SM6", type: "text", body: "Code")) {
            try await $0.sms("SM6", [("Body", "Code")], from: "12345")
        },
        InboundCase("a message without an id", 200, .ignored(1)) { try await $0.sms("", [("Body", "x")]) },
        InboundCase("a status", 204, .reports(1)) {
            try await $0.signer.twilio(
                [("MessageSid", "SM9"), ("MessageStatus", "delivered")],
                to: $0.twilio,
                "status"
            )
        },
        InboundCase("a failed status", 204, .reports(1)) {
            try await $0.signer.twilio(
                [("MessageSid", "SM9"), ("MessageStatus", "undelivered"), ("ErrorCode", "30007"), ("Empty", "")],
                to: $0.twilio,
                "status"
            )
        },
        InboundCase("a status without a name", 204, .ignored(1)) {
            try await $0.signer.twilio([("MessageSid", "SM9")], to: $0.twilio, "status")
        },
        InboundCase("a forged SMS", 401, .nothing) {
            try await $0.signer.twilio([("MessageSid", "SM8"), ("From", "+1")], to: $0.twilio, token: "guessed")
        },
    ]

    static let generic: [InboundCase] = [
        InboundCase("a message by the generic endpoint", 204, .message(id: "g1", type: "text", body: "Hi")) {
            try await $0.hook(
                "h1",
                #"{"type":"message.received","data":{"id":"g1","from":"+14155550102","body":"Hi"}}"#
            )
        },
        InboundCase("one of a user of an app", 204, .message(id: "g2", type: "text", body: "Hi")) {
            try await $0.hook(
                "h2",
                #"{"type":"message.received","data":{"id":"g2","from":"user-17","body":"Hi","more":1}}"#
            )
        },
        InboundCase("a status by it", 204, .reports(1)) {
            try await $0.hook("h3", #"{"type":"message.status","data":{"message_id":"x","status":"delivered"}}"#)
        },
        InboundCase("a type nobody knows", 204, .ignored(1)) { try await $0.hook("h4", #"{"type":"ping","data":{}}"#) },
        InboundCase("no sender", 400, .nothing) {
            try await $0.hook("h5", #"{"type":"message.received","data":{"id":"g5"}}"#)
        },
        InboundCase("no JSON", 400, .nothing) { try await $0.hook("h6", "hello") },
    ]

    static let sendGrid: [InboundCase] = [
        InboundCase("a mail", 200, .message(id: "<m1@example.com>", type: "email", body: "How are you?")) {
            try await $0.mail([
                ("headers", "Message-ID: <m1@example.com>"), ("from", "Ann Lee <ann@example.com>"),
                ("subject", "Hello"),
                ("text", "How are you?"), ("html", "<p>How are you?</p>"),
            ])
        },
        InboundCase("a mail by its envelope", 200, .message(id: "<m2@example.com>", type: "email", body: "x")) {
            try await $0.mail([
                ("headers", "Message-ID: <m2@example.com>"), ("from", "undisclosed"),
                ("envelope", #"{"from":"bob@example.com","to":["in@example.com"]}"#), ("text", "x"),
            ])
        },
        InboundCase("a mail of nobody", 200, .ignored(1)) { try await $0.mail([("text", "x")]) },
        InboundCase("a mail with another token", 401, .nothing) {
            try await $0.mail([("from", "a@example.com")], token: "tokem")
        },
        InboundCase("events of mails", 204, .reports(4)) {
            let events = ["processed", "deferred", "delivered", "open"].enumerated().map { index, name in
                #"{"event":"\#(name)","sg_event_id":"e\#(index)","sg_message_id":"x.y","timestamp":1795255203}"#
            }
            return try await $0.events("[\(events.joined(separator: ","))]")
        },
        InboundCase("events that were changed on their way", 401, .nothing) {
            try await $0.events("[]", signedAs: "[ ]")
        },
        InboundCase("an event without an id", 204, .ignored(1)) { try await $0.events(#"[{"event":"delivered"}]"#) },
    ]

    static let all =
        Self.metaMessages + Self.metaStatuses + Self.metaOddities + Self.twilio + Self.generic + Self.sendGrid
}
