import NIOHTTP1
import ProviderStub
import Shared
import TestSupport
import Testing

/// `POST /channel-accounts/{id}/check`, from the API to the provider and back.
@Suite struct AccountCheckTests {
    @Test(.timeLimit(.minutes(5))) func eachProviderSaysWhatItThinksOfTheCredentials() async throws {
        try await withSMTPServer { server in
            let port = "\(server.port("none"))"
            try await withPlatform { platform in
                let tenant = try await platform.newTenant()
                let whatsApp = try await tenant.newWhatsAppAccount()
                let mail = try await tenant.newSMTPAccount(port: port)
                for id in [whatsApp.id, try await tenant.newTwilioAccount(), mail] {
                    let answer = try await tenant.check(id)
                    #expect(answer.status == 200)
                    #expect(answer.json["status"] == "ok", "\(answer.text)")
                    let shown = try await tenant.get("/api/v1/channel-accounts/\(id)").json
                    #expect(shown["last_check"] == answer.json)
                }
                try await tenant.changeCredentials(of: whatsApp.id, to: "revoked", number: whatsApp.number)
                let forgotten = try await tenant.get("/api/v1/channel-accounts/\(whatsApp.id)").json
                #expect(forgotten["last_check"] == .null)
                let revoked = try await tenant.check(whatsApp.id).json
                #expect(revoked["status"] == "refused")
                #expect(revoked["code"] == "190")
                let nowhere: JSONValue = [
                    "credentials": ["host": "127.0.0.1", "port": "1", "tls": "none", "from": "shop@example.com"]
                ]
                #expect(try await tenant.patch("/api/v1/channel-accounts/\(mail)", nowhere).status == 200)
                let unreachable = try await tenant.check(mail).json
                #expect(unreachable["status"] == "unreachable")
                #expect(unreachable["code"] == "connection-refused")
                #expect(platform.stub.ledger.entries.isEmpty)
                let trail = try await tenant.get("/api/v1/audit-events?entity_id=\(whatsApp.id)").json
                #expect(trail["data"]?.array?.count { $0["detail"]?["act"] == "check" } == 2)
            }
        }
    }

    /// Good credentials do not resume what was parked: the one who parked it, or the next probe, does.
    @Test(.timeLimit(.minutes(5))) func aParkedAccountStaysParked() async throws {
        try await withPlatform { platform in
            let tenant = try await platform.newTenant()
            let id = try await tenant.newWhatsAppAccount().id
            #expect(try await tenant.post("/api/v1/channel-accounts/\(id)/park", [:]).status == 200)
            #expect(try await tenant.check(id).json["status"] == "ok")
            let shown = try await tenant.get("/api/v1/channel-accounts/\(id)").json
            #expect(shown["state"] == "parked")
            let tester = try await tenant.post("/api/v1/keys", ["name": "t", "scopes": ["*"], "mode": "test"])
            let refused = try await tenant.with(key: tester.json["secret"]?.string).check(id)
            #expect(refused.status == 403)
            #expect(refused.code == "test-key")
        }
    }

    @Test(.timeLimit(.minutes(5))) func withoutAWorkerItIsPending() async throws {
        try await withPlatform(worker: false) { platform in
            let tenant = try await platform.newTenant()
            let id = try await tenant.newTwilioAccount()
            let answer = try await tenant.check(id)
            #expect(answer.status == 202)
            #expect(answer.json["status"] == "pending")
            #expect(answer.headers.first(name: "location") == "/api/v1/channel-accounts/\(id)")
            let second = try await tenant.check(id)
            #expect(second.status == 409)
            #expect(second.code == "check-in-progress")
            #expect(second.headers.first(name: "retry-after") == "1")
        }
    }
}

extension API {
    fileprivate func check(_ id: String) async throws -> Answer {
        try await self.post("/api/v1/channel-accounts/\(id)/check", [:])
    }

    fileprivate func changeCredentials(of id: String, to token: String, number: String) async throws {
        let change: JSONValue = [
            "credentials": [
                "access_token": .string(token), "phone_number_id": .string(number),
                "app_secret": .string(Platform.whatsAppSecret), "verify_token": "verify",
            ]
        ]
        let answer = try await self.patch("/api/v1/channel-accounts/\(id)", change)
        try #require(answer.status == 200, "\(answer.text)")
    }
}
