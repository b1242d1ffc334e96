import Foundation
import ProviderStub
import Shared
import TestSupport
import Testing

/// From a provider's webhook to the conversation, and back to the customer.
@Suite struct InboundChainTests {
    @Test(.timeLimit(.minutes(5))) func aMessageOpensAConversationAndTheReplyReachesItsSender() async throws {
        try await withPlatform { platform in
            let tenant = try await platform.newTenant()
            let account = try await tenant.newWhatsAppAccount()
            let signer = InboundSigner(platform)
            let contact = #"{"profile":{"name":"Ann Lee"},"wa_id":"14155550100"}"#
            let body = MetaPayload.message(
                MetaPayload.text("wamid.1", "Is it open?"),
                number: account.number,
                contact: contact
            )
            for _ in 0..<3 { #expect(try await signer.meta(body).status == 200) }

            let conversations = try await tenant.get("/api/v1/conversations?unread=true")
            let conversation = try #require(conversations.json["data"]?[0], "\(conversations.text)")
            #expect(conversations.json["data"]?.array?.count == 1)
            #expect(conversation["unread_count"]?.int == 1)
            #expect(conversation["status"]?.string == "open")
            #expect(conversation["window_expires_at"]?.string != nil)
            let id = try #require(conversation["id"]?.string)

            let reply = try await tenant.post("/api/v1/conversations/\(id)/messages", ["body": "Until ten."])
            try #require(reply.status == 202, "\(reply.text)")
            #expect(reply.json["to"]?.string == "+14155550100")
            try await eventually { try await tenant.status(of: reply.id) == "read" }

            let messages = try await tenant.get("/api/v1/conversations/\(id)/messages").json["data"]?.array ?? []
            #expect(messages.map { $0["direction"]?.string } == ["outbound", "inbound"])
            #expect(messages.last?["body"]?.string == "Is it open?")
            #expect(messages.last?["from"]?.string == "+14155550100")

            let read = try await tenant.post("/api/v1/conversations/\(id)/read", [:])
            #expect(read.json["unread_count"]?.int == 0)
            let activities = try await tenant.get("/api/v1/conversations/\(id)/activities").json["data"]?.array ?? []
            let types = activities.compactMap { $0["type"]?.string }
            for type in ["OPENED", "MESSAGE_RECEIVED", "MESSAGE_SENT", "MESSAGE_STATUS_UPDATE", "READ"] {
                #expect(types.contains(type), "\(type): \(types)")
            }
        }
    }

    /// WhatsApp tells the number of a line as it was when the line was registered.
    @Test(
        .timeLimit(.minutes(5)),
        arguments: [
            ("+52 55 1234 5678", "5215512345678"), ("+52 1 55 1234 5678", "5215512345678"),
            ("+54 9 11 2345-6789", "5491123456789"), ("+54 11 2345-6789", "5491123456789"),
            ("+55 31 98123-4567", "553181234567"), ("+55 31 8123-4567", "5531981234567"),
        ]
    )
    func aReplyIsTheCustomersWhoWasWrittenTo(typed: String, told: String) async throws {
        try await withPlatform { platform in
            let tenant = try await platform.newTenant()
            let account = try await tenant.newWhatsAppAccount()
            let id = try await tenant.sendMessage(["to": .string(typed), "channel": "whatsapp", "body": "x"])
            let body = MetaPayload.message(MetaPayload.text("wamid.1", "y", from: told), number: account.number)
            #expect(try await InboundSigner(platform).meta(body).status == 200)
            let sent = try await tenant.get("/api/v1/messages/\(id)").json
            let received = try await tenant.get("/api/v1/messages?direction=inbound").json["data"]?[0]
            #expect(received?["customer_id"]?.string == sent["customer_id"]?.string)
            #expect(received?["conversation_id"]?.string == sent["conversation_id"]?.string)
            #expect(received?["to"]?.string == "+15550001111")
        }
    }

    @Test(.timeLimit(.minutes(5))) func stopChangesConsentBeforeTheAnswerAndIsConfirmedOnce() async throws {
        try await withPlatform { platform in
            let tenant = try await platform.newTenant()
            let account = try await tenant.newTwilioAccount()
            let signer = InboundSigner(platform)
            let stop = [("MessageSid", "SM1"), ("From", "+14155550100"), ("To", "+15550009999"), ("Body", " stop ")]
            for _ in 0..<3 { #expect(try await signer.twilio(stop, to: account).status == 200) }

            let conversations = try await tenant.get("/api/v1/conversations").json["data"]?.array ?? []
            #expect(conversations.count == 1)
            let id = try #require(conversations.first?["id"]?.string)
            let activities = try await tenant.get("/api/v1/conversations/\(id)/activities").json["data"]?.array ?? []
            #expect(activities.count { $0["type"]?.string == "OPTED_OUT" } == 1)
            let messages = try await tenant.get("/api/v1/conversations/\(id)/messages").json["data"]?.array ?? []
            #expect(messages.count { $0["direction"]?.string == "outbound" } == 1)

            // Twilio has answered this one by itself.
            let again = [
                ("MessageSid", "SM2"), ("From", "+14155550199"), ("To", "+15550009999"), ("Body", "STOP"),
                ("OptOutType", "STOP"),
            ]
            #expect(try await signer.twilio(again, to: account).status == 200)
            let all = try await tenant.get("/api/v1/messages?direction=outbound").json["data"]?.array ?? []
            #expect(all.count == 1)
        }
    }

    @Test(.timeLimit(.minutes(5))) func whatCameWithAMailIsFetchedLater() async throws {
        try await withPlatform(worker: false) { platform in
            let tenant = try await platform.newTenant()
            let account = try await tenant.newSendGridAccount(token: "token")
            let body = """
                --b\r\nContent-Disposition: form-data; name="from"\r\n\r\nann@example.com\r\n\
                --b\r\nContent-Disposition: form-data; name="text"\r\n\r\nSee there\r\n\
                --b\r\nContent-Disposition: form-data; name="attachment1"; filename="a.csv"\r\n\
                Content-Type: text/csv\r\n\r\n1,2\r\n--b--\r\n
                """
            let signer = InboundSigner(platform)
            #expect(try await signer.mail(body, boundary: "b", to: account, token: "token").status == 200)
            let message = try #require(try await tenant.get("/api/v1/messages?direction=inbound").json["data"]?[0])
            let path = try #require(message["attachments"]?[0]?["url"]?.string)
            let file = try await tenant.get(path)
            #expect(file.status == 200)
            #expect(file.text == "1,2")
            #expect(try await tenant.get(String(path.dropLast()) + "1").status == 404)
        }
    }

    /// Of an organization that owns nothing of it, whatever is said in its name.
    @Test(.timeLimit(.minutes(5))) func whatIsForgedLeavesNoTrace() async throws {
        try await withPlatform(worker: false) { platform in
            let (tenant, other) = (try await platform.newTenant(), try await platform.newTenant())
            let account = try await tenant.newWhatsAppAccount()
            let foreign = try await other.newTwilioAccount()
            let signer = InboundSigner(platform)
            let body = MetaPayload.message(MetaPayload.text("wamid.1", "x"), number: account.number)
            #expect(try await signer.meta(body, secret: "guessed").status == 401)
            #expect(try await signer.meta(body, to: account.id, secret: "guessed").status == 401)
            #expect(try await signer.meta(body, to: foreign).status == 404)
            let stop = [("MessageSid", "SM1"), ("From", "+14155550100"), ("Body", "STOP")]
            #expect(try await signer.twilio(stop, to: foreign, token: "guessed").status == 401)
            #expect(try await signer.twilio(stop, to: account.id).status == 404)
            for program in [tenant, other] {
                #expect(try await program.get("/api/v1/webhook-events").json["data"]?.array == [])
                #expect(try await program.get("/api/v1/conversations").json["data"]?.array == [])
                #expect(try await program.get("/api/v1/messages").json["data"]?.array == [])
            }
        }
    }
}
