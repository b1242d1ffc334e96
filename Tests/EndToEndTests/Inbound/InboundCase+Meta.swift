import Foundation
import NIOHTTP1
import Shared
import TestSupport

extension InboundCase {
    /// A message of Meta's: its own part after the sender's.
    private static func message(
        _ type: String,
        _ part: String,
        as kind: String? = nil,
        _ body: String? = nil,
        sender: String = #""from":"14155550100""#
    ) -> InboundCase {
        let id = "wamid.\(type).\(part.count)"
        let message = #"{"id":"\#(id)",\#(sender),"timestamp":"\#(Self.now)","type":"\#(type)",\#(part)}"#
        return InboundCase("WhatsApp \(type) \(part.prefix(40))", 200, .message(id: id, type: kind ?? type, body: body))
        {
            try await $0.meta(message)
        }
    }

    private static var now: Int64 { Timestamp.now.microseconds / 1_000_000 }

    static let metaMessages: [InboundCase] = [
        .message("text", #""text":{"body":"Hello"}"#, "Hello"),
        .message("text", #""text":{"body":"Grüße 😀 \u0000"}"#, "Grüße 😀 \u{FFFD}"),
        .message(
            "text",
            #""text":{"body":"Yes, that one"},"context":{"id":"wamid.other","from":"15550001111"}"#,
            "Yes, that one"
        ),
        .message(
            "text",
            #""text":{"body":"from an ad"},"referral":{"source_url":"https://fb.me/x","source_type":"ad"}"#,
            "from an ad"
        ),
        .message("image", #""image":{"id":"m1","mime_type":"image/jpeg","sha256":"x","caption":"Look"}"#, "Look"),
        .message("image", #""image":{"id":"m2","mime_type":"image/png"}"#),
        .message("video", #""video":{"id":"m3","mime_type":"video/mp4","caption":"Film"}"#, "Film"),
        .message("audio", #""audio":{"id":"m4","mime_type":"audio/mpeg"}"#),
        .message("audio", #""audio":{"id":"m5","mime_type":"audio/ogg; codecs=opus","voice":true}"#, as: "voice"),
        .message(
            "document",
            #""document":{"id":"m6","mime_type":"application/pdf","filename":"a.pdf","caption":"Bill"}"#,
            "Bill"
        ),
        .message("sticker", #""sticker":{"id":"m7","mime_type":"image/webp","animated":false}"#),
        .message(
            "location",
            #""location":{"latitude":52.5,"longitude":13.4,"name":"Office","address":"A street"}"#,
            as: "location"
        ),
        .message(
            "contacts",
            #""contacts":[{"name":{"formatted_name":"Bob"},"phones":[{"phone":"+1415"}]}]"#,
            as: "contacts"
        ),
        .message("button", #""button":{"text":"Stop promotions","payload":"p1"}"#, "Stop promotions"),
        .message(
            "interactive",
            #""interactive":{"type":"button_reply","button_reply":{"id":"b1","title":"Yes"}}"#,
            "Yes"
        ),
        .message(
            "interactive",
            #""interactive":{"type":"list_reply","list_reply":{"id":"l1","title":"Blue","description":"d"}}"#,
            "Blue"
        ),
        .message(
            "interactive",
            #""interactive":{"type":"nfm_reply","nfm_reply":{"name":"flow","body":"Sent","response_json":"{}"}}"#,
            as: "interactive"
        ),
        .message("reaction", #""reaction":{"message_id":"wamid.x","emoji":"👍"}"#, "👍"),
        .message(
            "order",
            #""order":{"catalog_id":"c","text":"two please","product_items":[{"product_retailer_id":"p","quantity":2}]}"#,
            as: "order"
        ),
        .message(
            "system",
            #""system":{"body":"User changed","wa_id":"14155550177","type":"user_changed_number"}"#,
            as: "system"
        ),
        .message("unsupported", #""errors":[{"code":131051,"title":"Message type unknown"}]"#, as: "unsupported"),
        .message("hologram", #""hologram":{"id":"h"}"#, as: "unsupported"),
        .message(
            "text",
            #""text":{"body":"no number"}"#,
            "no number",
            sender: #""from_user_id":"US.13491208655302741918""#
        ),
        .message("text", #""text":{"body":"unknown fields"},"new_field":{"a":[1]}"#, "unknown fields"),
    ]

    private static func status(_ name: String, _ more: String = "", id: String) -> String {
        #"{"id":"\#(id)","status":"\#(name)","timestamp":"\#(Self.now)","recipient_id":"14155550100"\#(more)}"#
    }

    private static func statuses(_ name: String, _ statuses: String, _ count: Int = 1) -> InboundCase {
        InboundCase("WhatsApp status \(name)", 200, .reports(count)) {
            try await $0.signer.meta(MetaPayload.statuses(statuses, number: $0.number))
        }
    }

    static let metaStatuses: [InboundCase] = [
        .statuses("sent", Self.status("sent", id: "wamid.s1")),
        .statuses(
            "delivered, priced",
            Self.status("delivered", #","pricing":{"billable":true,"pricing_model":"PMP"}"#, id: "wamid.s1")
        ),
        .statuses(
            "read, of a user without number",
            Self.status("read", #","recipient_user_id":"US.1""#, id: "wamid.s1")
        ),
        .statuses(
            "failed",
            Self.status("failed", #","errors":[{"code":131026,"title":"Undeliverable"}]"#, id: "wamid.s2")
        ),
        .statuses("failed without a reason", Self.status("failed", id: "wamid.s3")),
        .statuses("played", Self.status("played", id: "wamid.s4")),
        .statuses("deleted", Self.status("deleted", id: "wamid.s5")),
        .statuses("one nobody knows", Self.status("teleported", id: "wamid.s6")),
        .statuses("with milliseconds", #"{"id":"wamid.s7","status":"sent","timestamp":"1795255203000"}"#),
        .statuses("of a clock that is ahead", #"{"id":"wamid.s8","status":"sent","timestamp":"4102444800"}"#),
        .statuses(
            "300 in one",
            (0..<300).map { Self.status("sent", id: "wamid.many.\($0)") }.joined(separator: ","),
            300
        ),
    ]

    static let metaOddities: [InboundCase] = [
        InboundCase("a message without an id", 200, .ignored(1)) { try await $0.meta(#"{"from":"1","type":"text"}"#) },
        InboundCase("a message without a sender", 200, .ignored(1)) {
            try await $0.meta(#"{"id":"wamid.q","type":"text"}"#)
        },
        InboundCase("a status without an id", 200, .ignored(1)) {
            try await $0.signer.meta(MetaPayload.statuses(#"{"status":"sent"}"#, number: $0.number))
        },
        InboundCase("another field", 200, .ignored(1)) {
            try await $0.signer.meta(
                MetaPayload.change(#""event":"APPROVED""#, number: $0.number, field: "message_template_status_update"),
                to: $0.whatsApp
            )
        },
        InboundCase("errors of the account", 200, .ignored(1)) {
            try await $0.signer.meta(MetaPayload.change(#""errors":[{"code":131031}]"#, number: $0.number))
        },
        InboundCase("truncated JSON to an account's URL", 200, .ignored(1)) {
            try await $0.signer.meta(#"{"entry":[{"#, to: $0.whatsApp)
        },
        InboundCase("truncated JSON to the shared URL", 400, .nothing) { try await $0.signer.meta(#"{"entry":[{"#) },
        InboundCase("a number that is nobody's", 404, .nothing) {
            try await $0.signer.meta(MetaPayload.message(MetaPayload.text("wamid.n", "x"), number: "999999999999"))
        },
        InboundCase("a number that is nobody's, to an account's URL", 200, .ignored(1)) {
            try await $0.signer.meta(
                MetaPayload.message(MetaPayload.text("wamid.n", "x"), number: "999999999998"),
                to: $0.whatsApp
            )
        },
        InboundCase("forged", 401, .nothing) {
            try await $0.signer.meta(
                MetaPayload.message(MetaPayload.text("wamid.f", "x"), number: $0.number),
                secret: "guessed"
            )
        },
        InboundCase("unsigned", 401, .nothing) {
            let body = MetaPayload.message(MetaPayload.text("wamid.u", "x"), number: $0.number)
            return try await $0.signer.inbound.send(.POST, "/webhooks/whatsapp", Array(body.utf8), [:])
        },
        InboundCase("compressed", 415, .nothing) {
            try await $0.signer.inbound.send(.POST, "/webhooks/whatsapp", [0x1F, 0x8B], ["content-encoding": "gzip"])
        },
        InboundCase("3 MB", 200, .message(id: "wamid.3mb", type: "text", body: nil)) {
            let padding = String(repeating: "x", count: 3_000_000)
            return try await $0.meta(
                #"{"id":"wamid.3mb","from":"14155550100","type":"text","text":{"body":"big"},"padding":"\#(padding)"}"#
            )
        },
    ]
}
