import InboundGateway
import InternalAPI
import NIOHTTP1
import Shared
import TestSupport
import Testing

@Suite(.database(migrations: InboundMigrations.all, role: "inbound"), .timeLimit(.minutes(5)))
struct ChallengeTests {
    let account = MessagingAPI.WebhookAccount.whatsApp(secret: "s")

    private func target(_ path: String, _ query: String) -> String {
        "/webhooks/whatsapp\(path)?\(query)"
    }

    @Test func theRightTokenGetsTheChallengeBackAsItIs() async throws {
        try await Gateway.run([self.account]) { gateway async throws in
            let query = "hub.mode=subscribe&hub.verify_token=verify%20s&hub.challenge=%3Cb%3E17"
            let answer = try await gateway.call(.GET, self.target("/\(self.account.accountID)", query))
            #expect(answer.status == 200)
            #expect(answer.body == "<b>17")
            #expect(answer.headers.first(name: "content-type")?.hasPrefix("text/plain") == true)
        }
    }

    @Test(arguments: [
        "hub.mode=subscribe&hub.verify_token=verify%20t&hub.challenge=nonce-of-meta",
        "hub.mode=subscribe&hub.verify_token=verify%20&hub.challenge=nonce-of-meta",
        "hub.mode=subscribe&hub.verify_token=&hub.challenge=nonce-of-meta",
        "hub.mode=subscribe&hub.challenge=nonce-of-meta",
        "hub.mode=unsubscribe&hub.verify_token=verify%20s&hub.challenge=nonce-of-meta",
        "hub.mode=subscribe&hub.verify_token=verify%20s",
        "",
    ])
    func anythingElseIs403(query: String) async throws {
        try await Gateway.run([self.account]) { gateway async throws in
            let answer = try await gateway.call(.GET, self.target("/\(self.account.accountID)", query))
            #expect(answer.status == 403)
            #expect(!answer.body.contains("nonce-of-meta"))
        }
    }

    @Test func theSharedURLAnswersToTheDeploymentsTokenOnly() async throws {
        try await Gateway.run([self.account], settings: ["whatsapp.verify.token": "ours"]) { gateway async throws in
            for path in ["/webhooks/whatsapp", "/api/v1/webhooks/whatsapp/inbound"] {
                let right = "?hub.mode=subscribe&hub.verify_token=ours&hub.challenge=17"
                #expect(try await gateway.call(.GET, path + right).body == "17")
                let wrong = "?hub.mode=subscribe&hub.verify_token=verify%20s&hub.challenge=17"
                #expect(try await gateway.call(.GET, path + wrong).status == 403)
            }
        }
    }

    @Test(arguments: ["", "ours"])
    func withoutATokenOfTheDeploymentTheSharedURLIsClosed(token: String) async throws {
        try await Gateway.run([self.account], settings: ["whatsapp.verify.token": ""]) { gateway async throws in
            let query = "hub.mode=subscribe&hub.verify_token=\(token)&hub.challenge=17"
            let answer = try await gateway.call(.GET, self.target("", query))
            #expect(answer.status == 403)
        }
    }

    @Test func anAccountThatNobodyKnowsIs404() async throws {
        try await Gateway.run([self.account]) { gateway async throws in
            let query = "hub.mode=subscribe&hub.verify_token=verify%20s&hub.challenge=17"
            let answer = try await gateway.call(.GET, self.target("/\(AccountID.new())", query))
            #expect(answer.status == 404)
        }
    }
}
