import Crypto
import Foundation
import Installation
import NIOHTTP1
import Postgres
import ProviderStub
import Shared
import TestSupport
import Testing

/// Puts a canary into everything that can be said to an installation, and lets as much go wrong as can be made to.
struct CanaryLife: Sendable {
    private let herald: Installation
    private let canaries: Canaries

    init(_ herald: Installation, _ canaries: Canaries) {
        (self.herald, self.canaries) = (herald, canaries)
    }

    /// - Returns: the error answers.
    func live() async throws -> [String] {
        let tenant = try await self.herald.newTenant()
        let number = "\(Int.random(in: 100_000_000_000...999_999_999_999))"
        let twilio = try await self.setUp(tenant, number: number)
        try await self.makeCustomer(tenant)
        try await self.send(tenant)
        try await self.receive(number: number)
        var refusals = try await self.refusals(of: tenant, number: number)
        refusals += try await self.refusedWebhooks(twilio: twilio, number: number)
        try await self.suffer(tenant)
        return refusals
    }

    /// - Returns: the id of the SMS account.
    private func setUp(_ tenant: API, number: String) async throws -> String {
        let secret = self.canaries.secret
        let accounts: [(String, String, JSONValue)] = [
            (
                "whatsapp", "whatsapp_cloud",
                [
                    "access_token": .string(secret("access-token")), "phone_number_id": .string(number),
                    "app_secret": .string(secret("app-secret")), "verify_token": .string(secret("verify-token")),
                ]
            ),
            (
                "sms", "twilio",
                [
                    "account_sid": "AC00000000000000000000000000000001", "auth_token": .string(secret("auth-token")),
                    "from": "+15550009999",
                ]
            ),
            (
                "email", "smtp",
                [
                    "host": "127.0.0.1", "port": .string("\(try FreePort.find())"), "tls": "none", "username": "shop",
                    "password": .string(secret("smtp-password")), "from": "shop@example.com",
                ]
            ),
            (
                "webhook", "http",
                [
                    "url": .string("http://127.0.0.1:\(try FreePort.find())/hook"),
                    "secret": .string(secret("webhook-secret")),
                ]
            ),
        ]
        var ids: [String: String] = [:]
        for (channel, provider, credentials) in accounts {
            let body: JSONValue = [
                "channel": .string(channel), "provider": .string(provider), "name": "main", "is_default": true,
                "credentials": credentials, "settings": API.unlimited,
            ]
            let answer = try await tenant.post("/api/v1/channel-accounts", body)
            try #require(answer.status == 201, "\(answer.text)")
            ids[channel] = answer.id
        }
        let mail: JSONValue = [
            "channel": "email", "provider": "sendgrid", "name": "other",
            "credentials": [
                "api_key": .string(secret("sendgrid-key")), "from": "shop@example.com",
                "inbound_token": .string(secret("inbound-token")),
            ],
        ]
        try #require(try await tenant.post("/api/v1/channel-accounts", mail).status == 201)
        return ids["sms"] ?? ""
    }

    private func makeCustomer(_ tenant: API) async throws {
        let personal = self.canaries.personal
        let customer = try await tenant.post(
            "/api/v1/customers",
            [
                "name": .string(personal("name")), "first_name": .string(personal("first-name")),
                "fields": ["note": .string(personal("field"))], "groups": [.string(personal("group"))],
                "identities": [["kind": "phone", "value": .string(self.canaries.phone)]],
            ],
            ["idempotency-key": personal("idempotency-key"), "x-request-note": personal("header")]
        )
        try #require(customer.status == 201, "\(customer.text)")
        let consent: JSONValue = [
            "channel": "sms", "purpose": "marketing", "status": "opted_out", "proof": .string(personal("proof")),
        ]
        let stated = try await tenant.send(.PUT, "/api/v1/customers/\(customer.id)/consents", consent.bytes, [:])
        try #require(stated.status == 200, "\(stated.text)")
        _ = try await tenant.patch("/api/v1/customers/\(customer.id)", ["first_name": .string(personal("first-name"))])
        let suppression: JSONValue = [
            "address": .string(self.canaries.phone), "channel": "whatsapp", "reason": .string(personal("reason")),
            "expires_at": .string("\(Timestamp.now + .seconds(2))"),
        ]
        try #require(try await tenant.post("/api/v1/suppressions", suppression).status == 201)
    }

    /// By every channel, with a provider that quotes what it refuses.
    private func send(_ tenant: API) async throws {
        let personal = self.canaries.personal
        let says = "\(self.canaries.phone) of \(personal("provider-says")) is no number"
        self.herald.stub.behaviours.set(
            BehaviourRule(.reject(status: 400, code: 21211, message: says), times: 1),
            for: BehaviourMatch(provider: .twilio)
        )
        let common: JSONObject = [
            "to": .string(self.canaries.phone), "metadata": ["note": .string(personal("metadata"))],
            "reference": .string(personal("reference")),
        ]
        let messages: [(channel: String, fields: JSONObject)] = [
            ("sms", ["body": .string(personal("sms"))]), ("sms", ["body": .string(personal("sms"))]),
            ("whatsapp", ["body": .string(personal("body"))]),
            (
                "email",
                [
                    "to": "ann@example.com", "subject": .string(personal("subject")), "body": .string(personal("body")),
                    "html": .string("<p>\(personal("html"))</p>"),
                ]
            ),
        ]
        var ids: [String] = []
        for (channel, fields) in messages {
            var message = common
            message["channel"] = .string(channel)
            for member in fields.members { message[member.name] = member.value }
            let answer = try await tenant.post("/api/v1/messages", .object(message), ["x-note": personal("header")])
            try #require(answer.status == 202, "\(answer.text)")
            ids.append(answer.id)
        }
        let failed = ids[0]
        try await eventually { try await ["failed", "sent", "delivered"].contains(tenant.status(of: failed)) }
        // The mail server is not there: an attempt that failed is enough.
        try await eventually {
            try await tenant.get("/api/v1/messages/\(ids[3])").json["attempts"]?.array?.isEmpty == false
        }
    }

    private func receive(number: String) async throws {
        let personal = self.canaries.personal
        let digits = String(self.canaries.phone.dropFirst())
        let now = Timestamp.now.microseconds / 1_000_000
        let body = """
            {"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":\
            {"messaging_product":"whatsapp","metadata":{"phone_number_id":"\(number)"},\
            "contacts":[{"profile":{"name":"\(personal("name"))"},"wa_id":"\(digits)"}],\
            "messages":[{"id":"wamid.\(number)","from":"\(digits)","timestamp":"\(now)","type":"text",\
            "text":{"body":"\(personal("inbound"))"}}]}}]}]}
            """
        let answer = try await self.meta(body, secret: self.canaries.secret("app-secret"))
        try #require(answer.status == 200, "\(answer.text)")
    }

    private func meta(_ body: String, secret: String) async throws -> API.Answer {
        let code = HMAC<SHA256>.authenticationCode(for: Data(body.utf8), using: SymmetricKey(data: Data(secret.utf8)))
        let hex = code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let headers: HTTPHeaders = [
            "x-hub-signature-256": "sha256=\(hex)", "x-note": self.canaries.personal("inbound-header"),
        ]
        return try await self.inbound.send(.POST, "/webhooks/whatsapp", Array(body.utf8), headers)
    }

    private var inbound: API { API(url: self.herald.ports.url(self.herald.ports.inbound), key: nil) }

    /// What the public API does not take: it answers with the names of members, and never with values.
    private func refusals(of tenant: API, number: String) async throws -> [String] {
        let (personal, secret, unknown) = (
            self.canaries.personal, self.canaries.secret, self.canaries.personal("unknown")
        )
        let bodies = [
            #"{"to": "\#(unknown)", "channel": "sms", "body": "x"}"#, #"{"to": "\#(unknown)"#,
            #"{"field": "\#(unknown)", "channel": "sms"}"#, #"{"channel": "\#(unknown)"}"#, #"["\#(unknown)"]"#,
            #"{"to":"+14155550100","to":"\#(unknown)"}"#,
            #"{"to": "+14155550100", "channel": "sms", "body": 7, "x": "\#(unknown)"}"#,
            "\"\(unknown)\u{0}\"", "{\"body\": \"\(unknown)\\ud800\"}",
        ]
        var answers: [API.Answer] = []
        for path in ["/api/v1/messages", "/api/v1/customers", "/api/v1/channel-accounts", "/api/v1/suppressions"] {
            for body in bodies { answers.append(try await tenant.send(.POST, path, Array(body.utf8), [:])) }
        }
        // The account's name is taken, and its number.
        let again: JSONValue = [
            "channel": "whatsapp", "provider": "whatsapp_cloud", "name": "main",
            "credentials": [
                "access_token": .string(secret("access-token")), "phone_number_id": .string(number),
                "app_secret": .string(secret("app-secret")), "verify_token": .string(secret("verify-token")),
            ],
        ]
        answers.append(try await tenant.post("/api/v1/channel-accounts", again))
        // The address is somebody's, and the key was used for something else.
        let twice: JSONValue = [
            "name": .string(personal("name")),
            "identities": [["kind": "phone", "value": .string(self.canaries.phone)]],
        ]
        answers.append(try await tenant.post("/api/v1/customers", twice))
        answers.append(
            try await tenant.post("/api/v1/customers", [:], ["idempotency-key": personal("idempotency-key")])
        )
        for path in [
            "/api/v1/messages?key=\(secret("query-key"))", "/api/v1/messages?api_key=\(secret("query-key"))",
            "/api/v1/messages/\(unknown)", "/api/v1/\(unknown)", "/api/v1/messages?status=\(unknown)",
            "/api/v1/messages?cursor=\(unknown)",
        ] {
            answers.append(try await tenant.get(path))
        }
        for key in [secret("wrong-key"), "hk_live_\(secret("wrong-key"))"] {
            answers.append(try await tenant.with(key: key).get("/api/v1/messages"))
        }
        return try answers.map { answer in
            try #require((400..<500).contains(answer.status), "\(answer.status) \(answer.text)")
            return answer.text
        }
    }

    /// What no provider posted.
    private func refusedWebhooks(twilio: String, number: String) async throws -> [String] {
        let (secret, unknown) = (self.canaries.secret, self.canaries.personal("unknown"))
        let body =
            #"{"object":"\#(unknown)","entry":[{"changes":[{"value":{"metadata":{"phone_number_id":"\#(number)"}}}]}]}"#
        var answers = [
            try await self.meta(body, secret: secret("wrong-token")),
            try await self.meta(#"{"\#(unknown)"#, secret: secret("app-secret")),
            try await self.inbound.send(
                .POST,
                "/webhooks/twilio/\(twilio)/messages",
                Array("Body=\(unknown)&From=%2B14155550100".utf8),
                ["x-twilio-signature": secret("wrong-token"), "content-type": "application/x-www-form-urlencoded"]
            ),
        ]
        for path in [
            "/webhooks/whatsapp?hub.mode=subscribe&hub.verify_token=\(secret("wrong-token"))&hub.challenge=1",
            "/unsubscribe/\(secret("wrong-token"))", "/webhooks/sendgrid/\(unknown)", "/webhooks/\(unknown)",
        ] {
            answers.append(try await self.inbound.get(path))
        }
        return answers.filter { $0.status >= 400 }.map(\.text)
    }

    /// Everything is killed once while messages are on their way.
    private func suffer(_ tenant: API) async throws {
        for name in ["outbound-worker-1", "messaging-service-a", "customer-service", "inbound-gateway"] {
            let message: JSONValue = [
                "to": .string(self.canaries.phone), "channel": "whatsapp",
                "body": .string(self.canaries.personal("body")),
            ]
            _ = try? await tenant.post("/api/v1/messages", message)
            await self.herald.processes.kill(name)
            _ = try? await tenant.post("/api/v1/messages", message)
        }
        // Connections that break in the middle.
        for role in ["messaging", "customers", "inbound"] {
            let url = (self.herald.databases[role] ?? "").replacing("user=\(role)", with: "user=postgres")
            let connection = try await PostgresConnection(url)
            try await connection.query(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid()
                """
            )
            await connection.close()
        }
        try await eventually {
            let answer = try? await tenant.post(
                "/api/v1/messages",
                ["to": "+14155550199", "channel": "sms", "body": .string(self.canaries.personal("sms"))]
            )
            return answer?.status == 202
        }
    }
}
