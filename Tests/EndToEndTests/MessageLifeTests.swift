import Foundation
import ProviderStub
import Shared
import TestSupport
import Testing

/// A message's whole life, through every service and the providers' own protocols.
@Suite struct MessageLifeTests {
    @Test(.timeLimit(.minutes(5))) func aWhatsAppTextIsSentWithMetasFieldsAndReadBySignedCallbacks() async throws {
        try await withPlatform { platform in
            let tenant = try await platform.newTenant()
            let account = try await tenant.newWhatsAppAccount()
            let id = try await tenant.sendMessage([
                "to": "+14155550100", "channel": "whatsapp", "body": "Hello ✓", "reference": "order-17",
            ])
            try await eventually { try await tenant.status(of: id) == "read" }

            let entries = platform.stub.ledger.entries
            #expect(entries.count == 1)
            let entry = try #require(entries.first)
            #expect(entry.account == account.number)
            #expect(entry.reference == "\(id).1")
            #expect(entry.field("messaging_product") == "whatsapp")
            #expect(entry.field("recipient_type") == "individual")
            #expect(entry.field("type") == "text")
            #expect(entry.field("text", "body") == "Hello ✓")

            let message = try await tenant.get("/api/v1/messages/\(id)").json
            #expect(message["provider_message_id"]?.string == entry.providerID)
            #expect(message["attempt_count"]?.int == 1)
            #expect(message["attempts"]?.array?.count == 1)
            #expect(message["sent_at"]?.string != nil)
            #expect(message["delivered_at"]?.string != nil)
        }
    }

    @Test(.timeLimit(.minutes(5))) func aWhatsAppTemplateCarriesItsLanguageAndParameters() async throws {
        try await withPlatform { platform in
            let tenant = try await platform.newTenant()
            _ = try await tenant.newWhatsAppAccount()
            let id = try await tenant.sendMessage([
                "to": "+14155550100", "channel": "whatsapp",
                "template": ["code": "order_ready", "language": "de", "parameters": ["1": "Anna", "2": "17"]],
            ])
            try await eventually { try await tenant.status(of: id) == "read" }
            let entry = try #require(platform.stub.ledger.entries.first)
            #expect(entry.field("type") == "template")
            #expect(entry.field("template", "name") == "order_ready")
            #expect(entry.field("template", "language", "code") == "de")
        }
    }

    @Test(.timeLimit(.minutes(5))) func anSMSIsSentWithTwiliosFieldsAndDeliveredBySignedCallbacks() async throws {
        try await withPlatform { platform in
            let tenant = try await platform.newTenant()
            let account = try await tenant.newTwilioAccount()
            let id = try await tenant.sendMessage(["to": "+14155550100", "channel": "sms", "body": "Grüße"])
            try await eventually { try await tenant.status(of: id) == "delivered" }
            let entry = try #require(platform.stub.ledger.entries.first)
            #expect(entry.field("To") == "+14155550100")
            #expect(entry.field("From") == "+15550009999")
            #expect(entry.field("Body") == "Grüße")
            #expect(
                entry.field("StatusCallback") == "\(platform.inboundURL)/webhooks/twilio/\(account)/status?ref=\(id).1"
            )
            #expect(platform.stub.ledger.entries.count == 1)
        }
    }

    @Test(
        .timeLimit(.minutes(5)),
        arguments: [
            ("+15550000001", "read"), ("+15550000002", "delivered"), ("+15550000003", "sent"),
            ("+15550000004", "failed"),
            ("+15550000006", "delivered"), ("+15550000007", "delivered"),
        ]
    )
    func theSandboxPlaysEveryOutcome(recipient: String, status: String) async throws {
        try await withPlatform { platform in
            let tenant = try await platform.newTenant()
            let id = try await tenant.sendMessage([
                "to": .string(recipient), "channel": "sandbox", "body": "x", "retry": ["delays": ["100ms", "100ms"]],
            ])
            try await eventually { try await tenant.status(of: id) == status }
            let timeline = try await tenant.get("/api/v1/messages/\(id)/timeline").json
            #expect(timeline["data"]?[0]?["type"]?.string == "created")
            #expect(platform.stub.ledger.entries.isEmpty)
        }
    }

    @Test(.timeLimit(.minutes(5))) func whatFailsTwiceIsDeliveredAtTheThirdAttempt() async throws {
        try await withPlatform { platform in
            let tenant = try await platform.newTenant()
            let id = try await tenant.sendMessage([
                "to": "+15550000005", "channel": "sandbox", "body": "x", "retry": ["delays": ["50ms", "50ms"]],
            ])
            try await eventually { try await tenant.status(of: id) == "delivered" }
            let message = try await tenant.get("/api/v1/messages/\(id)").json
            #expect(message["attempts"]?.array?.count == 3)
            #expect(message["attempt_count"]?.int == 3)
        }
    }

    @Test(.timeLimit(.minutes(5))) func aTestKeyReachesTheSandboxOnly() async throws {
        try await withPlatform { platform in
            let tenant = try await platform.newTenant(mode: "test")
            _ = try await tenant.newTwilioAccount()
            let id = try await tenant.sendMessage(["to": "+15550000002", "channel": "sms", "body": "x"])
            try await eventually { try await tenant.status(of: id) == "delivered" }
            #expect(platform.stub.ledger.entries.isEmpty)
        }
    }
}
