import Foundation
import NIOHTTP1
import ProviderStub
import Shared
import TestSupport
import Testing

@Suite struct EmailTests {
    @Test(.timeLimit(.minutes(5))) func anEmailArrivesAtARealServerWithItsPartsIntact() async throws {
        try await withSMTPServer { server in
            let port = "\(server.port("none"))"
            try await withPlatform { platform in
                let tenant = try await platform.newTenant()
                let account = try await tenant.post(
                    "/api/v1/channel-accounts",
                    [
                        "channel": "email", "provider": "smtp", "name": "main", "is_default": true,
                        "credentials": [
                            "host": "127.0.0.1", "port": .string(port), "tls": "none", "from": "shop@example.com",
                            "from_name": "Café Ünion",
                        ],
                    ]
                )
                #expect(account.status == 201, "\(account.text)")
                #expect(!account.text.contains("127.0.0.1"))
                let id = try await tenant.sendMessage([
                    "to": "ada@example.org", "channel": "email", "subject": "Ваш заказ № 42 😀",
                    "body": "Grüße\n.\nEnde", "html": "<p>Grüße &amp; mehr</p>",
                ])
                try await eventually { try await tenant.status(of: id) == "sent" }
            }
            let messages = try server.messages()
            #expect(messages.count == 1)
            let mail = try #require(messages.first)
            #expect(mail["rcpt_to"]?[0]?.string == "ada@example.org")
            #expect(mail.text.contains("Ваш заказ № 42 😀"))
            #expect(mail["parts"]?[0]?.text.contains("Grüße") == true)
            #expect(mail["parts"]?[1]?.text.contains("<p>Grüße &amp; mehr</p>") == true)
        }
    }

    @Test(.timeLimit(.minutes(5))) func filesArriveAsTheyWereSent() async throws {
        let bytes = Data((0..<400_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        let message: JSONValue = [
            "to": "ada@example.org", "channel": "email", "subject": "Invoice", "body": "See the file.",
            "attachments": [
                [
                    "filename": "Счёт.pdf", "content_type": "application/pdf",
                    "content": .string(bytes.base64EncodedString()),
                ]
            ],
        ]
        var other = message.object ?? [:]
        other["attachments"] = [["filename": "a", "content_type": "a/b", "content": "AAAA"]]
        let another = JSONValue.object(other)
        try await withSMTPServer { server in
            let port = "\(server.port("none"))"
            try await withPlatform { platform in
                let tenant = try await platform.newTenant()
                _ = try await tenant.newSMTPAccount(port: port)
                let sent = try await tenant.post("/api/v1/messages", message, ["idempotency-key": "k"])
                try #require(sent.status == 202, "\(sent.text)")
                let listed: JSONValue = [
                    ["filename": "Счёт.pdf", "content_type": "application/pdf", "size": 400_000]
                ]
                #expect(sent.json["attachments"] == listed)
                let again = try await tenant.post("/api/v1/messages", message, ["idempotency-key": "k"])
                #expect(again.status == 202 && again.bytes == sent.bytes)
                let reused = try await tenant.post("/api/v1/messages", another, ["idempotency-key": "k"])
                #expect(reused.status == 422 && reused.code == "idempotency-key-reused")
                try await eventually { try await tenant.status(of: sent.id) == "sent" }
                let shown = try await tenant.get("/api/v1/messages/\(sent.id)").json
                #expect(shown["attachments"] == listed)
                let file = try await tenant.get("/api/v1/messages/\(sent.id)/attachments/0")
                #expect(file.status == 200 && file.bytes == Array(bytes))
            }
            let mails = try server.messages()
            #expect(mails.count == 1)
            #expect(mails.first?["parts"]?[1]?["filename"]?.string == "Счёт.pdf")
            #expect(mails.first?["parts"]?[1]?["base64"]?.string == bytes.base64EncodedString())
        }
    }

    @Test(.timeLimit(.minutes(5))) func theFilesOfABroadcastArriveWithEachOfItsMails() async throws {
        let bytes = Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 17) })
        let broadcast: JSONValue = [
            "name": "spring", "channel": "email", "category": "transactional", "subject": "Hi {{name}}",
            "body": "See the file, {{name}}.",
            "attachments": [
                [
                    "filename": "flyer.pdf", "content_type": "application/pdf",
                    "content": .string(bytes.base64EncodedString()),
                ]
            ],
            "recipients": [
                ["to": "ada@example.org", "parameters": ["name": "Ada"]],
                ["to": "bob@example.org", "parameters": ["name": "Bob"]],
            ],
        ]
        try await withSMTPServer { server in
            let port = "\(server.port("none"))"
            try await withPlatform { platform in
                let tenant = try await platform.newTenant()
                _ = try await tenant.newSMTPAccount(port: port)
                let trial = try await tenant.post("/api/v1/broadcasts?dry_run=true", broadcast)
                #expect(trial.json["sample"]?[0]?["attachments"]?[0]?["filename"] == "flyer.pdf", "\(trial.text)")
                let made = try await tenant.post("/api/v1/broadcasts", broadcast)
                try #require(made.status == 202, "\(made.text)")
                #expect(made.json["attachments"]?[0]?["size"] == 300_000)
                try await eventually {
                    try await tenant.get("/api/v1/broadcasts/\(made.id)").json["messages"]?["sent"] == 2
                }
                let messages = try await tenant.get("/api/v1/broadcasts/\(made.id)/messages").json["data"]?.array ?? []
                for id in messages.compactMap({ $0["id"]?.string }) {
                    let file = try await tenant.get("/api/v1/messages/\(id)/attachments/0")
                    #expect(file.status == 200 && file.bytes == Array(bytes))
                }
            }
            let mails = try server.messages()
            #expect(mails.count == 2)
            for mail in mails { #expect(mail["parts"]?[1]?["base64"]?.string == bytes.base64EncodedString()) }
        }
    }

    @Test(.timeLimit(.minutes(5))) func sendGridTakesAMailAndTellsThatItArrived() async throws {
        try await withPlatform { platform in
            let tenant = try await platform.newTenant()
            let account = try await tenant.newSendGridAccount(events: platform.stub)
            platform.stub.callbacks.setSendGrid(
                url: "\(platform.inboundURL)/webhooks/sendgrid/\(account)/events",
                account: "main"
            )
            let id = try await tenant.sendMessage([
                "to": "ada@example.org", "channel": "email", "subject": "Hi", "html": "<p>Hello&nbsp;Ada</p>",
                "from_name": "Ann", "reply_to": "ann@example.com",
            ])
            try await eventually { try await tenant.status(of: id) == "delivered" }
            let shown = try await tenant.get("/api/v1/messages/\(id)").json
            #expect(shown["from_name"]?.string == "Ann")
            #expect(shown["reply_to"]?.string == "ann@example.com")
            // What its sender wrote: the text is made when it leaves.
            #expect(shown["body"] == nil)
            #expect(shown["sent_at"]?.string != nil)
            let entry = try #require(platform.stub.ledger.entries.first)
            #expect(entry.reference == "\(id).1")
            #expect(shown["provider_message_id"]?.string == entry.providerID)
            #expect(entry.field("content", "0", "value") == "Hello Ada")
            #expect(entry.field("from", "name") == "Ann")
            #expect(entry.field("reply_to", "email") == "ann@example.com")
            #expect(platform.stub.stats.accepted == 1)
        }
    }
}
