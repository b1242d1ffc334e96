import ProviderStub
import Shared
import TestSupport
import Testing

/// The channel `webhook`: from the API to a receiver that verifies signatures.
@Suite struct WebhookChannelTests {
    private func newAccount(for tenant: API, at url: String) async throws -> String {
        let answer = try await tenant.post(
            "/api/v1/channel-accounts",
            [
                "channel": "webhook", "provider": "http", "name": "crm", "is_default": true,
                "credentials": ["url": .string(url), "secret": .string(ProviderStubSettings.usualWebhookSecret)],
            ]
        )
        try #require(answer.status == 201, "\(answer.text)")
        return answer.id
    }

    @Test(.timeLimit(.minutes(5))) func aMessageIsSignedAndSent() async throws {
        try await withPlatform { platform in
            let tenant = try await platform.newTenant()
            let account = try await self.newAccount(for: tenant, at: "\(platform.stub.url)/receivers/crm")
            let id = try await tenant.sendMessage(["to": "customer-17", "channel": "webhook", "body": "Hello ✓"])
            try await eventually { try await tenant.status(of: id) == "sent" }
            let entry = try #require(platform.stub.ledger.entries.first)
            #expect(platform.stub.ledger.entries.count == 1)
            #expect(entry.account == "crm")
            #expect(entry.to == "customer-17")
            #expect(entry.reference == "\(id).1")
            #expect(entry.providerID == id)
            #expect(entry.field("data", "body") == "Hello ✓")
            #expect(entry.field("data", "account_id") == account)
            let message = try await tenant.get("/api/v1/messages/\(id)").json
            #expect(message["provider_message_id"]?.string == id)
            #expect(message["on_uncertain"]?.string == "resend")
        }
    }

    /// Nobody knows whether it arrived, so it goes out again, and the receiver sees by its id that it has it.
    @Test(.timeLimit(.minutes(5))) func whatIsUncertainIsSentAgainAndTakenOnce() async throws {
        try await withPlatform { platform in
            let tenant = try await platform.newTenant()
            _ = try await self.newAccount(for: tenant, at: "\(platform.stub.url)/receivers/crm")
            platform.stub.behaviours.set(BehaviourRule(.acceptThenCut, times: 1))
            let id = try await tenant.sendMessage(["to": "customer-17", "channel": "webhook", "body": "x"])
            try await eventually { try await tenant.status(of: id) == "uncertain" }
            let answer = try await tenant.post("/api/v1/messages/\(id)/resolve", ["outcome": "resend"])
            #expect(answer.status == 200, "\(answer.text)")
            try await eventually { try await tenant.status(of: id) == "sent" }
            #expect(platform.stub.ledger.entries.map(\.providerID) == [id])
            #expect(platform.stub.stats.repeated == 1)
            let message = try await tenant.get("/api/v1/messages/\(id)").json
            #expect(message["attempts"]?.array?.count == 2)
        }
    }

    @Test(.timeLimit(.minutes(5))) func aReceiverThatHasGoneParksItsAccountAndLosesNothing() async throws {
        try await withPlatform { platform in
            let tenant = try await platform.newTenant()
            let account = try await self.newAccount(for: tenant, at: "\(platform.stub.url)/receivers/crm")
            platform.stub.behaviours.set(BehaviourRule(.reject(status: 410, code: 0, message: "gone"), times: 1))
            let id = try await tenant.sendMessage(["to": "customer-17", "channel": "webhook", "body": "x"])
            // Its probe after a second finds it back.
            try await eventually { try await tenant.status(of: id) == "sent" }
            #expect(platform.stub.ledger.entries.map(\.account) == ["crm"])
            #expect(try await tenant.get("/api/v1/channel-accounts/\(account)").status == 200)
            let message = try await tenant.get("/api/v1/messages/\(id)").json
            #expect(message["attempts"]?[0]?["error"]?["code"]?.string == "http-410")
        }
    }
}
