import Foundation
import Shared
import TestSupport
import Testing

@Suite struct EmailTests {
    @Test(.timeLimit(.minutes(2))) func anEmailArrivesAtARealServerWithItsPartsIntact() async throws {
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
}
