import Foundation
import NIOHTTP1
import ProviderStub
import Shared
import TestSupport
import Testing

@Suite struct IdempotencyTests {
    private static let message: JSONValue = ["to": "+15550000003", "channel": "sandbox", "body": "once"]

    /// The answer has no credentials, so that it is kept as it is.
    @Test(.timeLimit(.minutes(5))) func oneKeyIsOneAccount() async throws {
        try await withPlatform(worker: false) { platform in
            let tenant = try await platform.newTenant()
            let account: JSONValue = [
                "channel": "sms", "provider": "twilio", "name": "main",
                "credentials": [
                    "account_sid": "AC00000000000000000000000000000001", "auth_token": "secret", "from": "+15550009999",
                ],
            ]
            let first = try await tenant.post("/api/v1/channel-accounts", account, ["idempotency-key": "k"])
            let again = try await tenant.post("/api/v1/channel-accounts", account, ["idempotency-key": "k"])
            #expect(first.status == 201 && again.status == 201 && again.bytes == first.bytes)
            #expect(again.headers.first(name: "idempotency-replayed") == "true")
            #expect(again.headers.first(name: "location") == "/api/v1/channel-accounts/\(first.id)")
            let other: JSONValue = ["channel": "sandbox", "provider": "sandbox", "name": "other"]
            let reused = try await tenant.post("/api/v1/channel-accounts", other, ["idempotency-key": "k"])
            #expect(reused.status == 422 && reused.code == "idempotency-key-reused")
            #expect(try await tenant.get("/api/v1/channel-accounts").json["data"]?.array?.count == 1)
        }
    }

    @Test(.timeLimit(.minutes(5))) func oneKeyIsOneMessageWhateverHappensInBetween() async throws {
        try await withPlatform { platform in
            let tenant = try await platform.newTenant()
            let bodies = try await withThrowingTaskGroup(of: API.Answer.self) { tasks in
                for _ in 0..<40 {
                    tasks.addTask {
                        try await tenant.post("/api/v1/messages", Self.message, ["idempotency-key": "k-1"])
                    }
                }
                return try await tasks.reduce(into: [API.Answer]()) { $0.append($1) }
            }
            #expect(bodies.allSatisfy { $0.status == 202 })
            #expect(Set(bodies.map(\.bytes)).count == 1)
            #expect(bodies.count { $0.headers.first(name: "idempotency-replayed") == "true" } == 39)

            let other = try await tenant.post(
                "/api/v1/messages",
                ["to": "+15550000003", "channel": "sandbox", "body": "other"],
                ["idempotency-key": "k-1"]
            )
            #expect(other.status == 422)
            #expect(other.json["code"]?.string == "idempotency-key-reused")

            let first = try #require(bodies.first)
            var settings = platform.settings
            (settings.inboundPort, settings.inboxPort) = (try FreePort.find(), try FreePort.find())
            try await withServices(of: settings, stub: platform.stub) { restarted in
                let again = try await restarted.gateway.with(key: tenant.key).post(
                    "/api/v1/messages",
                    Self.message,
                    ["idempotency-key": "k-1"]
                )
                #expect(again.bytes == first.bytes)
                let list = try await restarted.gateway.with(key: tenant.key).get("/api/v1/messages")
                #expect(list.json["data"]?.array?.count == 1)
            }
        }
    }

    /// The key of a request is its organization's, not that of the API key it came with.
    @Test(.timeLimit(.minutes(5))) func aRotatedAPIKeyRepeatsWhatTheOldOneAsked() async throws {
        try await withPlatform(worker: false) { platform in
            let tenant = try await platform.newTenant()
            let first = try await tenant.post("/api/v1/messages", Self.message, ["idempotency-key": "k"])
            #expect(first.status == 202, "\(first.text)")
            let keys = try await tenant.get("/api/v1/keys").json["data"]?.array
            let id = try #require(keys?.first?["id"]?.string)
            let rotated = try await tenant.post("/api/v1/keys/\(id)/rotate", ["overlap_seconds": 0])
            #expect(rotated.status == 201, "\(rotated.text)")
            let successor = tenant.with(key: rotated.json["secret"]?.string)
            // In another order, and with the quotes of a structured header: the same request.
            let message: JSONValue = ["body": "once", "channel": "sandbox", "to": "+15550000003"]
            let quoted: HTTPHeaders = ["idempotency-key": "\"k\""]
            let again = try await successor.post("/api/v1/messages", message, quoted)
            #expect(again.bytes == first.bytes)
            #expect(again.headers.first(name: "idempotency-replayed") == "true")
            #expect(try await tenant.get("/api/v1/messages").status == 401)
            #expect(try await successor.get("/api/v1/messages").json["data"]?.array?.count == 1)
        }
    }

    @Test(.timeLimit(.minutes(5))) func aRepetitionIsAnsweredAsTheFirstTimeEvenWhenItWouldNowBeRefused() async throws {
        try await withPlatform(worker: false) { platform in
            let tenant = try await platform.newTenant()
            let soon = Timestamp.now + .seconds(2)
            let message: JSONValue = [
                "to": "+15550000003", "channel": "sandbox", "body": "x", "expires_at": .string("\(soon)"),
            ]
            let first = try await tenant.post("/api/v1/messages", message, ["idempotency-key": "k"])
            #expect(first.status == 202, "\(first.text)")
            try await eventually { try await tenant.post("/api/v1/messages", message).status == 422 }
            let again = try await tenant.post("/api/v1/messages", message, ["idempotency-key": "k"])
            #expect(again.status == 202)
            #expect(again.bytes == first.bytes)
        }
    }
}
