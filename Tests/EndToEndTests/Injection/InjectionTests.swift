import Foundation
import NIOHTTP1
import Shared
import TestSupport
import Testing

/// Nothing that is sent becomes anything but text: it is kept sign for sign, or refused by name.
@Suite("E: injection") struct InjectionTests {
    @Test(.timeLimit(.minutes(5))) func aHostileTextIsKeptOrNamed() async throws {
        try await withPlatform(worker: false) { platform in
            let tenant = try await platform.newTenant()
            let template: JSONValue = [
                "code": "hostile", "channel": "sandbox", "body": "{{x}}", "variables": ["x": [:]],
            ]
            let made = try await tenant.post("/api/v1/templates", template)
            try #require(made.status == 201, "\(made.text)")
            for place in HostilePlace.all {
                for (number, text) in HostileText.plain.enumerated() {
                    try await Self.send(text, number, to: place, as: tenant, refusable: false)
                }
                for (number, text) in HostileText.breaking.enumerated() {
                    let number = number + HostileText.plain.count
                    try await Self.send(text, number, to: place, as: tenant, refusable: true)
                }
            }
            // Everything is still there, and of everybody else nothing was ever seen.
            let list = try await tenant.get("/api/v1/messages?limit=200")
            #expect(list.status == 200 && (list.json["data"]?.array?.count ?? 0) > 2 * HostileText.plain.count)
        }
    }

    /// Fields whose form is narrower than a text, such as a group's, may refuse what is plain, but say where.
    private static func send(
        _ text: String,
        _ number: Int,
        to place: HostilePlace,
        as tenant: API,
        refusable isBreaking: Bool
    ) async throws {
        let body = place.body(text, number)
        let answer = try await tenant.send(place.method, "/api/v1\(place.path)", body.bytes, [:])
        switch answer.status {
        case 200..<300:
            let shown = answer.json.at(place.shown ?? place.pointer)?.string
            // Swift compares what looks alike as the same: every scalar counts.
            #expect(shown.map { Array($0.unicodeScalars) } == Array(text.unicodeScalars), "\(place.name): \(text)")
            #expect(place.isLong || !isBreaking, "\(place.name) took \(text.debugDescription)")
        case 422:
            #expect(answer.json["violations"]?[0]?["pointer"]?.string == place.pointer, "\(place.name): \(answer.text)")
            #expect(!place.isLong, "\(place.name) refused \(text.debugDescription): \(answer.text)")
        default:
            Issue.record("\(place.name) answers \(answer.status) to \(text.debugDescription): \(answer.text)")
        }
    }

    private static let filters = [
        "/messages?reference=", "/customers?q=", "/customers?phone=", "/messages?status=", "/messages?cursor=",
        "/messages?customer_id=", "/messages?created_after=", "/audit-events?actor=", "/audit-events?action=",
        "/conversations?status=", "/suppressions?address=", "/templates?code=", "/messages?limit=", "/messages?",
    ]

    /// A filter is never more than a value: it finds what is so, which is nothing here, or is refused.
    @Test(.timeLimit(.minutes(5))) func aHostileFilterFindsNothingMore() async throws {
        try await withPlatform(worker: false) { platform in
            let (tenant, other) = (try await platform.newTenant(), try await platform.newTenant())
            for tenant in [tenant, other] {
                _ = try await tenant.sendMessage([
                    "to": "+15550000003", "channel": "sandbox", "body": "x", "reference": "mine",
                ])
            }
            for filter in Self.filters {
                for text in HostileText.plain + HostileText.breaking {
                    let value = text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
                    let answer = try await tenant.get("/api/v1\(filter)\(value)")
                    #expect([200, 400, 422].contains(answer.status), "\(filter)\(value): \(answer.text)")
                    guard answer.status == 200 else { continue }
                    #expect(answer.json["data"]?.array?.count == 0, "\(filter)\(value): \(answer.text)")
                }
            }
            #expect(try await tenant.get("/api/v1/messages?reference=mine").json["data"]?.array?.count == 1)
        }
    }

    /// What goes into the head of a request to somebody else.
    private static let credentials: [(channel: String, provider: String, field: String, others: JSONObject)] = [
        (
            "whatsapp", "whatsapp_cloud", "access_token",
            ["phone_number_id": "1055", "app_secret": "s", "verify_token": "v"]
        ),
        (
            "sms", "twilio", "auth_token",
            ["account_sid": "AC00000000000000000000000000000001", "from": "+15550009999"]
        ),
        ("email", "sendgrid", "api_key", ["from": "shop@example.com"]),
        ("email", "sendgrid", "from", ["api_key": "SG.x"]),
        ("email", "sendgrid", "from_name", ["api_key": "SG.x", "from": "shop@example.com"]),
        ("email", "smtp", "from", ["host": "127.0.0.1", "port": "25", "tls": "none"]),
        (
            "email", "smtp", "from_name",
            ["host": "127.0.0.1", "port": "25", "tls": "none", "from": "shop@example.com"]
        ),
        (
            "email", "smtp", "username",
            ["host": "127.0.0.1", "port": "25", "tls": "none", "from": "shop@example.com", "password": "p"]
        ),
        ("webhook", "http", "url", ["secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]),
    ]

    @Test(.timeLimit(.minutes(5))) func nothingThatEndsALineGetsIntoTheHeadOfARequest() async throws {
        try await withPlatform(worker: false) { platform in
            let tenant = try await platform.newTenant()
            for (channel, provider, field, others) in Self.credentials {
                for text in ["x\r\nX-Injected: y", "x\ny", "x\ry", "x\u{2028}y"] {
                    var credentials = others
                    credentials[field] = .string(field == "url" ? "https://example.com/\(text)" : text)
                    let body: JSONValue = [
                        "channel": .string(channel), "provider": .string(provider), "name": "main",
                        "credentials": .object(credentials),
                    ]
                    let answer = try await tenant.post("/api/v1/channel-accounts", body)
                    let pointers = answer.json["violations"]?.array?.compactMap { $0["pointer"]?.string } ?? []
                    #expect(answer.status == 422, "\(provider) \(field) \(text.debugDescription): \(answer.text)")
                    #expect(pointers.contains("/credentials/\(field)"), "\(provider) \(field): \(answer.text)")
                }
            }
            for (field, text) in [
                ("subject", "a\r\nBcc: b@c.de"), ("to", "a@b.example\r\nBcc: b@c.de"), ("reply_to", "a\n@b.de"),
            ] {
                var mail: JSONObject = ["to": "a@b.example", "channel": "email", "subject": "s", "body": "x"]
                mail[field] = .string(text)
                let answer = try await tenant.post("/api/v1/messages", .object(mail))
                let pointers = answer.json["violations"]?.array?.compactMap { $0["pointer"]?.string } ?? []
                #expect(answer.status == 422 && pointers.contains("/\(field)"), "\(field): \(answer.text)")
            }
        }
    }

    /// Digits of other scripts, and letters that look like ours.
    @Test(
        .timeLimit(.minutes(5)),
        arguments: [
            [("sms", "+1415555010\u{FF10}"), ("sms", "+\u{661}4155550100"), ("email", "ann@ex\u{430}mple.com")],
            [
                ("email", "ann\u{FE52}lee@example.com\u{202E}"), ("email", "ann@example。com"),
                ("sms", "+1415555\u{200B}0100"),
            ],
        ]
    )
    func anAddressIsNotWhatItLooksLike(addresses: [(channel: String, to: String)]) async throws {
        try await withPlatform(worker: false) { platform in
            let tenant = try await platform.newTenant()
            for (channel, to) in addresses {
                let answer = try await tenant.post(
                    "/api/v1/messages",
                    ["to": .string(to), "channel": .string(channel), "body": "x"]
                )
                #expect(answer.status == 422, "\(to): \(answer.text)")
            }
        }
    }
}
