import NIOHTTP1
import ProviderStub
import Shared
import TestSupport
import Testing

/// An address whose mails come back is on the do-not-contact list, until somebody takes it off.
@Suite struct BounceTests {
    @Test(.timeLimit(.minutes(5))) func sendGridsBounceStopsTheNextMailAndCanBeUndone() async throws {
        try await withPlatform { platform in
            let tenant = try await platform.newTenant()
            let account = try await tenant.newSendGridAccount(events: platform.stub)
            platform.stub.callbacks.setSendGrid(
                url: "\(platform.inboundURL)/webhooks/sendgrid/\(account)/events",
                account: "main"
            )
            platform.stub.callbacks.update { $0.statuses = [.sent, .failed] }
            let id = try await tenant.sendMail("ada.l@EXAMPLE.org")
            try await eventually { try await tenant.status(of: id) == "failed" }
            let line = try await tenant.bounced("ada.l@example.org")
            #expect(line["channel"] == "email")
            #expect(line["expires_at"] == .null)
            let trail = try await tenant.get("/api/v1/audit-events?entity_id=\(line["id"]?.string ?? "")").json
            #expect(trail["data"]?[0]?["actor"] == "provider")
            #expect(trail["data"]?[0]?["detail"] == ["reason": "bounced", "message_id": .string(id)])

            platform.stub.callbacks.update { $0.statuses = [.sent, .delivered] }
            let second = try await tenant.sendMail("ada.l@example.org")
            try await eventually { try await tenant.status(of: second) == "skipped" }
            let shown = try await tenant.get("/api/v1/messages/\(second)").json
            #expect(shown["error"]?["code"] == "suppressed")

            let path = "/api/v1/suppressions/\(line["id"]?.string ?? "")"
            #expect(try await tenant.send(.DELETE, path, nil, [:]).status == 204)
            let third = try await tenant.sendMail("ada.l@example.org")
            try await eventually { try await tenant.status(of: third) == "delivered" }
            #expect(try await tenant.bounces("ada.l@example.org").isEmpty)
        }
    }

    @Test(.timeLimit(.minutes(5))) func aMailServersRefusalCountsOnlyWhereItIsAboutTheAddress() async throws {
        try await withSMTPServer { server in
            let port = "\(server.port("none"))"
            try await withPlatform { platform in
                let tenant = try await platform.newTenant()
                _ = try await tenant.newSMTPAccount(port: port)
                let addresses = ["rcpt-550-5.1.1@example.org", "rcpt-550-5.7.1@example.org", "rcpt-550@example.org"]
                for address in addresses {
                    let id = try await tenant.sendMail(address)
                    try await eventually { try await tenant.status(of: id) == "failed" }
                }
                let line = try await tenant.bounced(addresses[0])
                #expect(line["reason"] == "bounced")
                let all = try await tenant.get("/api/v1/suppressions").json["data"]?.array
                #expect(all?.count == 1)
            }
        }
    }
}

extension API {
    fileprivate func sendMail(_ address: String) async throws -> String {
        try await self.sendMessage([
            "to": .string(address), "channel": "email", "subject": "Hi", "body": "Hello", "retry": ["max_retries": 0],
        ])
    }

    fileprivate func bounces(_ address: String) async throws -> [JSONValue] {
        try await self.get("/api/v1/suppressions?address=\(address)").json["data"]?.array ?? []
    }

    /// The line of the list that a bounce makes.
    fileprivate func bounced(_ address: String) async throws -> JSONValue {
        try await eventually { try await !self.bounces(address).isEmpty }
        return try await self.bounces(address).first ?? .null
    }
}
