import Foundation
import InternalAPI
import NIOHTTP1
import Postgres
import Resealing
import Secrets
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// Another master key, while everything goes on.
@Suite(.messaging, .timeLimit(.minutes(5))) struct ResealTests {
    private static let canary = "CANARY-auth-token"

    private static func box(_ bytes: UInt8...) throws -> SecretBox {
        let keys = try bytes.map { try MasterKey(base64: Data(repeating: $0, count: 32).base64EncodedString()) }
        return SecretBox(masterKeys: MasterKeys(keys[0], previous: Array(keys.dropFirst())))
    }

    private static func job(_ secrets: SecretBox) throws -> ResealSecrets {
        let postgres = PostgresPool(try PostgresConfig.test(), logger: .quiet)
        return ResealSecrets(AccountStore.credentials, postgres: postgres, secrets: secrets, logger: .quiet)
    }

    private func account(
        _ fixture: MessagingFixture,
        of orgID: OrgID,
        name: String = "main"
    ) async throws -> AccountID {
        let body: JSONValue = [
            "channel": "sms", "provider": "twilio", "name": .string(name),
            "credentials": [
                "account_sid": "AC00000000000000000000000000000001", "auth_token": .string(Self.canary),
                "from": "+15550001111",
            ],
        ]
        let create = CreateAccount(postgres: fixture.postgres, secrets: fixture.secrets)
        let acting = Acting(orgID: orgID, actor: "operator", mode: .live)
        return try await create(try NewAccount(body), for: acting, requestID: "r").id
    }

    private func token(_ id: AccountID, by box: SecretBox) async throws -> String? {
        let postgres = PostgresPool(try PostgresConfig.test(), logger: .quiet)
        return try await FindWebhookAccount(postgres: postgres, secrets: box)(.id(id))?.secrets["auth_token"]
    }

    @Test func whatAnEarlierKeySealedIsSealedAnew() async throws {
        let fixture = try MessagingFixture()
        var ids: [AccountID] = []
        for _ in 0..<60 { ids.append(try await self.account(fixture, of: .new())) }
        let (both, new) = (try Self.box(8, 7), try Self.box(8))
        // Both replicas look, and people go on reading and writing meanwhile.
        let (first, second) = (try Self.job(both), try Self.job(both))
        async let (one, other) = (first(), second())
        for id in ids.prefix(10) { #expect(try await self.token(id, by: both) == Self.canary) }
        let outcomes = [try await one, try await other]
        #expect(outcomes.map(\.sealed).reduce(0, +) == 60)
        #expect(outcomes.allSatisfy { $0.closed == 0 })
        for id in ids { #expect(try await self.token(id, by: new) == Self.canary) }
        await #expect(throws: SecretBox.Failure.notOurs) { try await self.token(ids[0], by: fixture.secrets) }
        #expect(try await first() == ResealSecrets.Outcome())
    }

    @Test func whatNoKeyOpensIsTold() async throws {
        let fixture = try MessagingFixture()
        let id = try await self.account(fixture, of: fixture.orgID)
        #expect(try await Self.job(try Self.box(9, 8))() == ResealSecrets.Outcome(sealed: 0, closed: 1))
        // And left as it is.
        #expect(try await self.token(id, by: fixture.secrets) == Self.canary)
    }

    /// With the wrong key: 503 and nothing else, as often as somebody asks.
    @Test func aWrongKeyAnswers503WithoutASecret() async throws {
        let fixture = try MessagingFixture()
        let id = try await self.account(fixture, of: fixture.orgID)
        let other = Data(repeating: 9, count: 32).base64EncodedString()
        try await RunningService.run(settings: ["master.key": other]) { service in
            let query = String(
                decoding: try JSONEncoder().encode(MessagingAPI.WebhookAccountQuery.id(id)),
                as: UTF8.self
            )
            let answer = try await service.call(.POST, "/internal/webhook-accounts/find", for: nil, body: query)
            #expect(answer.status == 503, "\(answer.body)")
            #expect(answer.code == "secret-sealed")
            #expect(!answer.body.text.contains("CANARY"))
        }
    }

    /// Another organization's ciphertext, or another account's, in this one's row.
    @Test func aCopiedSecretOpensNowhere() async throws {
        let fixture = try MessagingFixture()
        let theirs = OrgID.new()
        let from = try await self.account(fixture, of: theirs)
        let copies = [
            try await self.account(fixture, of: .new()), try await self.account(fixture, of: theirs, name: "beside"),
        ]
        let connection = try await PostgresConnection(TestDatabase.url(as: "postgres"))
        for copy in copies {
            try await connection.query(
                """
                UPDATE channel_accounts SET credentials = (SELECT credentials FROM channel_accounts WHERE id = \(from))
                 WHERE id = \(copy)
                """
            )
        }
        await connection.close()
        for copy in copies {
            await #expect(throws: SecretBox.Failure.notOurs) { try await self.token(copy, by: fixture.secrets) }
        }
        #expect(try await self.token(from, by: fixture.secrets) == Self.canary)
        // Nor does it become openable by being sealed anew.
        #expect(try await Self.job(try Self.box(8, 7))() == ResealSecrets.Outcome(sealed: 1, closed: 2))
    }
}
