import InboundGateway
import InternalAPI
import NIOHTTP1
import Postgres
import Providers
import Shared
import TestSupport
import Testing

/// What customers sent while no gateway was there, or their provider could not reach it.
@Suite(.database(migrations: InboundMigrations.all, role: "inbound"), .timeLimit(.minutes(5)))
struct BackfillTests {
    private static let messages = ["SM1", "SM2"].map { sid in
        FormParameters([
            ("MessageSid", sid), ("From", "+14155550100"), ("To", "+15550009999"), ("Body", "Hello"),
            ("DateCreated", "Wed, 25 Nov 2026 10:00:00 +0000"),
        ])
    }

    let account = MessagingAPI.WebhookAccount.twilio()
    private var path: String { "/internal/channel-accounts/\(self.account.accountID)/backfill" }

    @Test func whatTheProviderHasIsTakenOnce() async throws {
        let history = FakeHistory()
        history.set(Self.messages)
        try await Gateway.run([self.account], history: history) { gateway async throws in
            for _ in 0..<2 {
                let answer = try await self.backfill(gateway)
                #expect(answer.status == 200)
                #expect(answer.json == ["messages": 2])
            }
            #expect(gateway.messaging.received.map(\.message.providerMessageID) == ["SM1", "SM2"])
            #expect(gateway.messaging.received.allSatisfy { $0.message.occurredAt != nil })
        }
    }

    @Test func whatTheProviderSaysInsteadIsPassedOn() async throws {
        let history = FakeHistory()
        history.set([], failures: 1)
        try await Gateway.run([self.account], history: history) { gateway async throws in
            let answer = try await self.backfill(gateway)
            #expect(answer.status == 502)
            #expect(answer.json["code"]?.string == "provider-refused")
            #expect(answer.json["detail"]?.string == "20003: Authenticate")
            let trail = try await gateway.inbox(.GET, "/internal/audit-events", of: self.account.orgID)
            #expect(trail.json["data"]?[0]?["detail"]?["act"] == "backfill")
            #expect(trail.json["data"]?[0]?["entity_id"]?.string == "\(self.account.accountID)")
            #expect(trail.json["data"]?[0]?["actor"] == "key:1")
        }
    }

    @Test(arguments: ["2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z", "yesterday"])
    func aTimeThatIsNoneOfTheLast30DaysIsRefused(since: String) async throws {
        try await Gateway.run([self.account]) { gateway async throws in
            #expect(try await self.backfill(gateway, since: since).status == 422)
        }
    }

    @Test func othersAccountsAndOtherProvidersAreNotAsked() async throws {
        let whatsApp = MessagingAPI.WebhookAccount.whatsApp()
        try await Gateway.run([self.account, whatsApp]) { gateway async throws in
            let body: JSONValue = ["since": .string((Timestamp.now - .seconds(60)).description)]
            #expect(try await gateway.inbox(.POST, self.path, of: .new(), body).status == 404)
            let path = "/internal/channel-accounts/\(whatsApp.accountID)/backfill"
            #expect(try await gateway.inbox(.POST, path, of: whatsApp.orgID, body).status == 409)
        }
    }

    @Test func afterAnAbsenceTheAccountsAreAskedSinceThen() async throws {
        let history = FakeHistory()
        // It becomes known by its first webhook.
        try await Gateway.run([self.account], history: history) { gateway async throws in
            #expect(try await self.backfill(gateway).status == 200)
            try await eventually { try await self.presence("seen_at") != nil }
        }
        #expect(history.questions.count == 1)
        try await self.wait(since: "now() - interval '2 hours'")
        history.set(Self.messages)
        try await Gateway.run([self.account], history: history) { gateway async throws in
            try await eventually { gateway.messaging.received.count == 2 }
            try await eventually { try await self.presence("behind_since") == nil }
        }
        #expect(history.questions.count == 2)
        let asked = try #require(history.questions.last)
        #expect(Timestamp.now - asked > .seconds(7200) && Timestamp.now - asked < .seconds(7300))
        // A restart is no absence.
        try await Gateway.run([self.account], history: history) { gateway async throws in
            #expect(try await gateway.call(.GET, "/readyz").status == 200)
        }
        #expect(history.questions.count == 2)
    }

    /// As when the database was away, so that webhooks were answered 503.
    @Test func aGatewayThatCouldStoreNothingAsksToo() async throws {
        let history = FakeHistory()
        try await Gateway.run([self.account], history: history) { gateway async throws in
            #expect(try await self.backfill(gateway).status == 200)
            history.set(Self.messages, failures: 1)
            try await self.wait(since: "now() - interval '2 hours'")
            try await eventually { gateway.messaging.received.count == 2 }
            try await eventually { try await self.presence("behind_since") == nil }
            // Once by hand, once in vain, and once more.
            #expect(history.questions.count == 3)
        }
    }

    @Test func anAccountThatNeverAnswersIsLeftToAPerson() async throws {
        let history = FakeHistory()
        try await Gateway.run([self.account], history: history) { gateway async throws in
            #expect(try await self.backfill(gateway).status == 200)
            history.set([], failures: 1000)
            try await self.wait(since: "now() - interval '2 hours'")
            try await eventually { history.questions.count == 6 }
            try await eventually { try await self.presence("behind_since") == nil }
        }
    }

    private func backfill(_ gateway: Gateway, since: String? = nil) async throws -> (status: Int, json: JSONValue) {
        let since = since ?? (Timestamp.now - .seconds(60)).description
        return try await gateway.inbox(.POST, self.path, of: self.account.orgID, ["since": .string(since)])
    }

    private func wait(since time: SQL) async throws {
        try await TestDatabase.connection.query("UPDATE inbox_presence SET seen_at = \(time)")
    }

    private func presence(_ column: String) async throws -> Timestamp? {
        try await TestDatabase.connection.query("SELECT seen_at, behind_since FROM inbox_presence").first?
            .getIfPresent(column)
    }
}
