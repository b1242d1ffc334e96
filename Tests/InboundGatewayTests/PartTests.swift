import InboundGateway
import InternalAPI
import NIOHTTP1
import Postgres
import Providers
import Shared
import TestSupport
import Testing

/// What came with a mail, from the webhook as it was stored.
@Suite(.database(migrations: InboundMigrations.all, role: "inbound"), .timeLimit(.minutes(5)))
struct PartTests {
    private static let mail = """
        --limit\r\nContent-Disposition: form-data; name="headers"\r\n\r\nMessage-ID: <m1@example.com>\r\n\
        --limit\r\nContent-Disposition: form-data; name="from"\r\n\r\nann@example.com\r\n\
        --limit\r\nContent-Disposition: form-data; name="attachment1"; filename="a.html"\r\n\
        Content-Type: text/html\r\n\r\n<p>\r\n\u{1}</p>\r\n--limit--\r\n
        """

    private let account = MessagingAPI.WebhookAccount(
        orgID: .new(),
        accountID: .new(),
        provider: .sendgrid,
        number: nil,
        secrets: Credentials(["inbound_token": "token"])
    )

    @Test func aFileOfAMailIsGivenAsItCame() async throws {
        try await Gateway.run([self.account]) { gateway async throws in
            try await self.post(to: gateway)
            let file = try await self.part("attachment1", of: gateway)
            #expect(file.status == 200)
            #expect(file.body == "<p>\r\n\u{1}</p>")
            #expect(file.headers.first(name: "content-type") == "application/octet-stream")
            #expect(file.headers.first(name: "content-disposition") == "attachment; filename*=UTF-8''a.html")
            #expect(file.headers.first(name: "x-content-type-options") == "nosniff")
        }
    }

    @Test func whatIsNotThereIsGone() async throws {
        try await Gateway.run([self.account]) { gateway async throws in
            try await self.post(to: gateway)
            for (name, key, orgID) in [
                ("attachment2", "<m1@example.com>", self.account.orgID),
                ("from", "<m1@example.com>", self.account.orgID),
                ("attachment1", "<m2@example.com>", self.account.orgID), ("attachment1", "<m1@example.com>", .new()),
            ] {
                let answer = try await self.part(name, of: gateway, key: key, orgID: orgID)
                #expect(answer.status == 410, "\(name) \(key)")
                #expect(answer.body.contains("attachment-gone"))
            }
            try await TestDatabase.connection.transaction(for: [self.account.orgID]) { connection in
                try connection.query("DELETE FROM inbox_requests")
            }
            #expect(try await self.part("attachment1", of: gateway).status == 410)
        }
    }

    private func post(to gateway: Gateway) async throws {
        let answer = try await gateway.call(
            .POST,
            "/webhooks/sendgrid/\(self.account.accountID)/inbound?token=token",
            headers: [("content-type", "multipart/form-data; boundary=limit")],
            body: Self.mail
        )
        #expect(answer.status == 200)
    }

    private func part(
        _ name: String,
        of gateway: Gateway,
        key: String = "<m1@example.com>",
        orgID: OrgID? = nil
    ) async throws -> Gateway.Answer {
        try await gateway.inboxAnswer(
            .POST,
            "/internal/webhook-parts",
            of: orgID ?? self.account.orgID,
            ["account_id": .string("\(self.account.accountID)"), "event_key": .string(key), "name": .string(name)]
        )
    }
}
