import Foundation
import NIOHTTP1
import ProviderStub
import Shared
import TestSupport
import Testing

/// A person who has left something in every place that there is.
struct ErasedPerson: Sendable {
    static let name = "Zdenka Quixobel"
    static let phone = "+14155559321"
    static let digits = "14155559321"
    static let email = "zdenka.quixobel@traceless.example"
    static let texts = [
        "Zwetschgendatschi", "Vogelbeerbaum", "Käsefußbad", "Nachtigallenpfad", "Schachtelhalm", "Wolpertinger",
        "Bergmannsheil", "Kiebitzwiese", "Gurkenrelief", "Topfenknödel", "Hagebuttenmark", "Rauhnachtspuk",
        "Fledermausgaube", "Hutschachtel",
    ]
    /// Any of these anywhere is a trace.
    static let needles = ["Zdenka", "Quixobel", Self.digits, "zdenka.quixobel"] + Self.texts

    let id: String
    /// What is left of them.
    let messages: [String]
    let scheduled: String
    let bystander: String

    /// Lets somebody live through the platform, and waits until everything has settled.
    static func live(on platform: Platform, _ tenant: API) async throws -> ErasedPerson {
        let whatsApp = try await tenant.newWhatsAppAccount()
        let twilio = try await tenant.newTwilioAccount()
        let mail = try await tenant.newSendGridAccount(token: "token")
        let id = try await self.register(with: tenant)
        let signer = InboundSigner(platform)

        var sent: [(id: String, end: String)] = []
        func send(_ message: JSONValue, _ end: String, key: String? = nil) async throws {
            let headers: HTTPHeaders = key.map { ["idempotency-key": $0] } ?? [:]
            let answer = try await tenant.post("/api/v1/messages", message, headers)
            try #require(answer.status == 202, "\(answer.text)")
            sent.append((answer.id, end))
        }
        try await send(
            [
                "to": .string(self.phone), "channel": "whatsapp", "body": "Zwetschgendatschi",
                "reference": "Vogelbeerbaum",
                "metadata": ["note": "Käsefußbad"],
            ],
            "read",
            key: "welcome-\(self.email)"
        )
        try await send(
            [
                "to": .string(self.phone), "channel": "whatsapp",
                "template": ["code": "hello", "language": "de", "parameters": ["1": "Nachtigallenpfad"]],
            ],
            "read"
        )
        _ = platform.stub.behaviours.set(
            BehaviourRule(
                .reject(status: 400, code: 21211, message: "\(self.phone) of \(self.name) is no number"),
                times: 1
            ),
            for: BehaviourMatch(provider: .twilio)
        )
        try await send(["to": .string(self.phone), "channel": "sms", "body": "Schachtelhalm"], "failed")
        try await send(
            [
                "customer_id": .string(id), "channel": "email", "subject": "Wolpertinger", "body": "x",
                "html": "<p>Bergmannsheil</p>", "scheduled_at": .string("\(Timestamp.now + .seconds(86_400))"),
            ],
            "scheduled"
        )
        try await send(
            [
                "to": .string(self.email), "channel": "email", "subject": "Hagebuttenmark", "body": "Rauhnachtspuk",
                "from_name": "Shop",
                "attachments": [
                    [
                        "filename": "Zdenka.txt", "content_type": "text/plain",
                        "content": .string(Data("for Quixobel".utf8).base64EncodedString()),
                    ]
                ],
            ],
            "sent"
        )
        let broadcasts = try await self.broadcast(to: tenant)
        sent.append((broadcasts, "read"))
        // Two people in one webhook, of whom one stays.
        let wamid = "wamid." + Data("HBgL\(self.digits)VAgARGBI".utf8).base64EncodedString()
        let contact = #"{"profile":{"name":"\#(self.name)"},"wa_id":"\#(self.digits)"}"#
        let body = MetaPayload.message(
            MetaPayload.text(wamid, "Kiebitzwiese", from: self.digits) + ","
                + MetaPayload.text("wamid.other", "Bystander's words", from: "14155550177"),
            number: whatsApp.number,
            contact: contact + #",{"profile":{"name":"Bert"},"wa_id":"14155550177"}"#
        )
        try #require(try await signer.meta(body).status == 200)
        let sms = [
            ("MessageSid", "SM1"), ("From", self.phone), ("To", "+15550009999"), ("Body", "Gurkenrelief"),
            ("FromCity", "x"),
        ]
        try #require(try await signer.twilio(sms, to: twilio).status == 200)
        let letter = """
            --b\r\nContent-Disposition: form-data; name="from"\r\n\r\n\(self.name) <\(self.email)>\r\n\
            --b\r\nContent-Disposition: form-data; name="text"\r\n\r\nTopfenknödel\r\n--b--\r\n
            """
        try #require(try await signer.mail(letter, boundary: "b", to: mail, token: "token").status == 200)

        let suppression = try await tenant.post(
            "/api/v1/suppressions",
            ["address": .string(self.email), "channel": "email", "reason": "Zdenka asked"],
            ["idempotency-key": "suppress"]
        )
        try #require(suppression.status == 201, "\(suppression.text)")

        for (id, end) in sent { try await eventually { try await tenant.status(of: id) == end } }
        try await eventually {
            try await tenant.get("/api/v1/messages?direction=inbound").json["data"]?.array?.count == 4
        }
        try await eventually {
            try await tenant.get("/api/v1/webhook-events?state=pending").json["data"]?.array?.isEmpty ?? false
        }
        let inbound =
            try await tenant.get("/api/v1/messages?direction=inbound&customer_id=\(id)").json["data"]?.array ?? []
        let bystander = try await tenant.get("/api/v1/customers?q=Bert").json["data"]?[0]?["id"]?.string
        return ErasedPerson(
            id: id,
            messages: sent.map(\.id) + inbound.compactMap { $0["id"]?.string },
            scheduled: sent[3].id,
            bystander: try #require(bystander)
        )
    }

    /// One broadcast that is done, and one that is still to come.
    ///
    /// - Returns: the message of the first.
    private static func broadcast(to tenant: API) async throws -> String {
        var fields: JSONObject = [
            "name": "parcels", "channel": "whatsapp", "category": "transactional", "body": "Order {{order}}",
            "recipients": [["to": .string(self.phone), "parameters": ["order": "Fledermausgaube"]]],
        ]
        let made = try await tenant.post("/api/v1/broadcasts", .object(fields))
        try #require(made.status == 202, "\(made.text)")
        try await eventually { try await tenant.get("/api/v1/broadcasts/\(made.id)").json["status"] == "done" }
        fields["recipients"] = [
            ["to": .string(self.phone), "parameters": ["order": "Hutschachtel"]], ["to": "+14155550166"],
        ]
        fields["scheduled_at"] = .string("\(Timestamp.now + .seconds(86_400))")
        let planned = try await tenant.post("/api/v1/broadcasts", .object(fields))
        try #require(planned.status == 202, "\(planned.text)")
        let messages = try await tenant.get("/api/v1/broadcasts/\(made.id)/messages").json["data"]?.array
        return try #require(messages?.first?["id"]?.string)
    }

    private static func register(with tenant: API) async throws -> String {
        let other = try await tenant.post(
            "/api/v1/customers",
            ["name": .string(self.name), "identities": [["kind": "email", "value": .string(self.email)]]]
        )
        let customer = try await tenant.post(
            "/api/v1/customers",
            [
                "name": .string(self.name), "first_name": "Zdenka", "fields": ["nickname": "Zdenka"], "groups": ["vip"],
                "identities": [["kind": "phone", "value": .string(self.phone)]],
            ],
            ["idempotency-key": "make-zdenka.quixobel"]
        )
        try #require(customer.status == 201, "\(customer.text)")
        let merged = try await tenant.post("/api/v1/customers/\(customer.id)/merge", ["from": .string(other.id)])
        try #require(merged.status == 200, "\(merged.text)")
        let consent = try await tenant.send(
            .PUT,
            "/api/v1/customers/\(customer.id)/consents",
            Array(
                #"{"channel":"sms","purpose":"marketing","status":"opted_out","source":"Zdenka","proof":"Quixobel"}"#
                    .utf8
            ),
            [:]
        )
        try #require(consent.status == 200, "\(consent.text)")
        return customer.id
    }
}
