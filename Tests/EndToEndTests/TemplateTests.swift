import NIOHTTP1
import Shared
import TestSupport
import Testing

/// Templates from the gateway to the provider.
@Suite struct TemplateTests {
    @Test(.timeLimit(.minutes(5))) func anEmailIsMadeOfATemplateAndWhatIsKnownOfTheCustomer() async throws {
        try await withSMTPServer { server in
            let port = "\(server.port("none"))"
            try await withPlatform { platform in
                let tenant = try await platform.newTenant()
                let account = try await tenant.post(
                    "/api/v1/channel-accounts",
                    [
                        "channel": "email", "provider": "smtp", "name": "main", "is_default": true,
                        "credentials": [
                            "host": "127.0.0.1", "port": .string(port), "tls": "none", "from": "a@b.example",
                        ],
                    ]
                )
                try #require(account.status == 201, "\(account.text)")
                let customer = try await tenant.post(
                    "/api/v1/customers",
                    [
                        "first_name": "Ada\u{301}", "identities": [["kind": "email", "value": "ada@example.org"]],
                        "fields": ["tier": "<gold>"],
                    ]
                )
                try #require(customer.status == 201, "\(customer.text)")
                let template: JSONValue = [
                    "code": "shipped", "channel": "email", "subject": "{{FirstName}}, order {{order}}",
                    "body": "You are {{tier}}.", "html": "<p>{{tier}}</p>",
                    "variables": ["order": ["default": .null]],
                ]
                let made = try await tenant.send(.POST, "/api/v1/templates", template.bytes, ["idempotency-key": "t"])
                let again = try await tenant.send(.POST, "/api/v1/templates", template.bytes, ["idempotency-key": "t"])
                #expect(made.status == 201 && again.status == 201 && made.text == again.text)
                let message: JSONValue = [
                    "customer_id": .string(customer.id), "channel": "email",
                    "template": ["code": "shipped", "parameters": ["order": "17\r\nBcc: eve@example.org"]],
                ]
                let id = try await tenant.sendMessage(message)
                try await eventually { try await tenant.status(of: id) == "sent" }
                let preview = try await tenant.post(
                    "/api/v1/templates/\(made.id)/preview",
                    ["customer_id": .string(customer.id), "parameters": ["order": "17"]]
                )
                #expect(preview.json["rendered"]?["html"] == "<p>&lt;gold&gt;</p>", "\(preview.text)")
                let dry = try await tenant.post(
                    "/api/v1/messages?dry_run=true",
                    [
                        "to": "ada@example.org", "channel": "email",
                        "template": ["code": "shipped", "parameters": ["order": "17"]],
                    ]
                )
                #expect(dry.json["rendered"]?["body"] == "You are <gold>.", "\(dry.text)")
                let refused = try await tenant.post(
                    "/api/v1/messages",
                    ["to": "new@example.org", "channel": "email", "template": ["code": "shipped"]]
                )
                #expect(refused.status == 422, "\(refused.text)")
            }
            let mail = try #require(try server.messages().first)
            #expect(try server.messages().count == 1)
            #expect(mail.text.contains("Ada\u{301}, order 17 Bcc: eve@example.org"), "\(mail.text)")
            #expect(mail["rcpt_to"]?.array?.count == 1)
            #expect(mail["parts"]?[0]?.text.contains("You are <gold>.") == true)
            #expect(mail["parts"]?[1]?.text.contains("<p>&lt;gold&gt;</p>") == true)
        }
    }

    @Test(.timeLimit(.minutes(5))) func metaTakesWhatATemplateKeptHereBecomes() async throws {
        try await withPlatform { platform in
            let tenant = try await platform.newTenant()
            _ = try await tenant.newWhatsAppAccount()
            let template: JSONValue = [
                "code": "shipped", "channel": "whatsapp", "language": "en_US",
                "whatsapp": [
                    "name": "order_shipped",
                    "components": [
                        ["type": "HEADER", "format": "IMAGE"], ["type": "BODY", "text": "Hello {{1}}."],
                        ["type": "BUTTONS", "buttons": [["type": "URL", "text": "See", "url": "https://a.b/{{1}}"]]],
                    ],
                ],
            ]
            let made = try await tenant.post("/api/v1/templates", template)
            try #require(made.status == 201, "\(made.text)")
            let id = try await tenant.sendMessage([
                "to": "+15550000001", "channel": "whatsapp",
                "template": [
                    "code": "shipped", "language": "en_US",
                    "parameters": ["header": "https://a.b/c.png", "1": "Ann", "button.0": "17"],
                ],
            ])
            try await eventually { ["sent", "delivered", "read"].contains(try await tenant.status(of: id)) }
            let shown = try await tenant.get("/api/v1/messages/\(id)").json["template"]
            #expect(shown?["name"] == "order_shipped")
            #expect(shown?["components"]?.array?.count == 3)
        }
    }
}
