import InboundGateway
import InternalAPI
import NIOHTTP1
import Shared
import TestSupport
import Testing

@Suite(.database(migrations: InboundMigrations.all, role: "inbound"), .timeLimit(.minutes(5)))
struct WhatsAppWebhookTests {
    let account = MessagingAPI.WebhookAccount.whatsApp()
    let secret = "app secret A"

    private var number: String { self.account.number ?? "" }
    private var body: String { Payloads.statuses(["wamid.1", "wamid.2"], number: self.number) }
    private let keys = ["wamid.1:delivered:1700000000", "wamid.2:delivered:1700000000"]

    @Test(arguments: ["/webhooks/whatsapp/{id}", "/webhooks/whatsapp", "/api/v1/webhooks/whatsapp/inbound"])
    func signedStatusesAreAppliedBeforeTheAnswer(path: String) async throws {
        try await Gateway.run([self.account]) { gateway async throws in
            let path = path.replacing("{id}", with: self.account.accountID.description)
            let signature = Signing.meta(self.body, secret: self.secret)
            let answer = try await gateway.meta(self.body, signature: signature, path: path)

            #expect(answer.status == 200)
            #expect(gateway.messaging.appliedKeys == self.keys)
            #expect(gateway.messaging.applied.allSatisfy { $0.accountID == self.account.accountID })
            try await eventually {
                try await Stored.events(of: self.account.orgID)
                    == self.keys.map { .init(key: $0, kind: "report", state: "done") }
            }
            #expect(try await Stored.bodies(of: self.account.orgID) == [self.body])
        }
    }

    @Test func anOrgHeaderIsIgnored() async throws {
        let other = OrgID.new()
        try await Gateway.run([self.account]) { gateway async throws in
            let answer = try await gateway.call(
                .POST,
                "/api/v1/webhooks/whatsapp/inbound",
                headers: [
                    ("x-org-id", "\(other)"), ("x-hub-signature-256", Signing.meta(self.body, secret: self.secret)),
                ],
                body: self.body
            )
            #expect(answer.status == 200)
            #expect(gateway.messaging.applied.map(\.orgID) == [self.account.orgID, self.account.orgID])
            #expect(try await Stored.events(of: other).isEmpty)
        }
    }

    @Test func aCustomersMessageGoesThroughTheThreeServices() async throws {
        try await Gateway.run([self.account]) { gateway async throws in
            let body = Payloads.message("wamid.in", text: "Hello \\u0000 there", number: self.number)
            for _ in 0..<3 {
                #expect(try await gateway.meta(body, secret: self.secret, to: self.account.accountID).status == 200)
            }
            let message = try #require(gateway.messaging.received.first)
            #expect(gateway.messaging.received.count == 1)
            #expect(message.message.content.body == "Hello \u{FFFD} there")
            #expect(message.accountID == self.account.accountID)
            #expect(message.channel == .whatsapp)
            let sender = try #require(gateway.customers.received.first)
            #expect(sender.senders == [Address(kind: .phone, value: "+14155550100")])
            let conversation = try #require(gateway.conversations.received.first)
            #expect(conversation.customerID == message.customerID)
            #expect(conversation.address == Address(kind: .phone, value: "+14155550100"))
            try await eventually {
                try await Stored.events(of: self.account.orgID)
                    == [.init(key: "wamid.in", kind: "message", state: "done")]
            }
            #expect(try await Stored.bodies(of: self.account.orgID) == [body])
            #expect(gateway.messaging.applied.isEmpty)
        }
    }

    @Test func aSignedBodyThatIsNoWebhookIsKeptToo() async throws {
        try await Gateway.run([self.account]) { gateway async throws in
            for _ in 0..<2 {
                let answer = try await gateway.meta("not JSON", secret: self.secret, to: self.account.accountID)
                #expect(answer.status == 200)
            }
            #expect(try await Stored.events(of: self.account.orgID).map(\.state) == ["ignored"])
            #expect(try await Stored.bodies(of: self.account.orgID) == ["not JSON"])
        }
    }

    @Test func aNumberThatIsNobodysIsKeptForTheAccountOfTheURL() async throws {
        try await Gateway.run([self.account]) { gateway async throws in
            let body = Payloads.statuses(["wamid.9"], number: "999")
            #expect(try await gateway.meta(body, secret: self.secret, to: self.account.accountID).status == 200)
            #expect(try await Stored.events(of: self.account.orgID).map(\.state) == ["ignored"])
            #expect(gateway.messaging.applied.isEmpty)
        }
    }

    @Test func repetitionsInAnyOrderAreOneRowAndOneEffect() async throws {
        try await Gateway.run([self.account]) { gateway async throws in
            let ids = (0..<20).map { "wamid.\($0)" }
            await withTaskGroup(of: Int?.self) { tasks in
                for _ in 0..<50 {
                    let body = Payloads.statuses(ids.shuffled(), number: self.number)
                    tasks.addTask {
                        try? await gateway.meta(body, secret: self.secret, to: self.account.accountID).status
                    }
                }
                for await status in tasks { #expect(status == 200) }
            }
            try await eventually {
                try await Stored.events(of: self.account.orgID).allSatisfy { $0.state == "done" }
            }
            #expect(try await Stored.events(of: self.account.orgID).count == 20)
            #expect(gateway.messaging.applied.count == 20)
        }
    }

    @Test func aKeyTooLongForAnIndexIsShortenedToItsDigest() async throws {
        try await Gateway.run([self.account]) { gateway async throws in
            let body = Payloads.statuses([String(repeating: "x", count: 5000)], number: self.number)
            #expect(try await gateway.meta(body, secret: self.secret, to: self.account.accountID).status == 200)
            // The worker may have been faster than the request, and still be at it.
            try await eventually { try await Stored.events(of: self.account.orgID).map(\.state) == ["done"] }
            #expect(try await Stored.events(of: self.account.orgID).map(\.key.utf8.count) == [64])
        }
    }
}
