import Foundation
import InboundGateway
import InternalAPI
import Postgres
import Shared
import Synchronization
import TestSupport
import Testing

/// How long a copy of an account's secrets is trusted.
@Suite(.database(migrations: InboundMigrations.all, role: "inbound"), .timeLimit(.minutes(5)))
struct AccountCopyTests {
    let account = MessagingAPI.WebhookAccount.whatsApp()

    /// A clock that a test turns on.
    private final class TurnedClock: Sendable {
        private let time = Mutex(Timestamp.now)
        var now: Timestamp { self.time.withLock { $0 } }

        func turn(by duration: Duration) {
            self.time.withLock { $0 = $0 + duration }
        }
    }

    @Test func aKnownAccountIsNotAskedForAgain() async throws {
        try await Gateway.run([self.account]) { gateway async throws in
            for id in ["wamid.1", "wamid.2", "wamid.3"] {
                #expect(try await self.post(gateway, id, secret: "app secret A") == 200)
            }
            #expect(gateway.messaging.questions == 1)
        }
    }

    /// Nobody is asked for what can still be opened, and it is sealed with the new key meanwhile.
    @Test func aCopyOutlivesTheMasterKey() async throws {
        let other = Data(repeating: 8, count: 32).base64EncodedString()
        try await Gateway.run([self.account]) { gateway async throws in
            #expect(try await self.post(gateway, "wamid.1", secret: "app secret A") == 200)
        }
        let before = try await self.header()
        let keys = ["master.key": other, "master.key.previous": Gateway.masterKey]
        try await Gateway.run([self.account], settings: keys) { gateway async throws in
            #expect(try await self.post(gateway, "wamid.2", secret: "app secret A") == 200)
            #expect(gateway.messaging.questions == 0)
            try await eventually { try await self.header() != before }
        }
        try await Gateway.run([self.account], settings: ["master.key": other]) { gateway async throws in
            #expect(try await self.post(gateway, "wamid.3", secret: "app secret A") == 200)
            #expect(gateway.messaging.questions == 0)
        }
        // With a key that opens nothing the original is asked for.
        try await Gateway.run([self.account]) { gateway async throws in
            #expect(try await self.post(gateway, "wamid.4", secret: "app secret A") == 200)
            #expect(gateway.messaging.questions == 1)
        }
    }

    /// Version and key of the stored copy.
    private func header() async throws -> String {
        try await TestDatabase.connection.transaction(for: [self.account.orgID]) { connection in
            let rows = try connection.query(
                "SELECT encode(substr(secrets, 1, 5), 'hex') AS header FROM webhook_accounts"
            )
            return try rows[0].get("header")
        }
    }

    @Test func aChangedSecretWorksAtOnce() async throws {
        let clock = TurnedClock()
        try await Gateway.run([self.account], now: { clock.now }) { gateway async throws in
            #expect(try await self.post(gateway, "wamid.1", secret: "app secret A") == 200)
            gateway.messaging.set([self.account.rotated(to: "new secret")])
            clock.turn(by: .seconds(6))
            #expect(try await self.post(gateway, "wamid.2", secret: "new secret") == 200)
            #expect(try await self.post(gateway, "wamid.3", secret: "app secret A") == 401)
        }
    }

    @Test func forgeriesAskOnceIn5Seconds() async throws {
        let clock = TurnedClock()
        try await Gateway.run([self.account], now: { clock.now }) { gateway async throws in
            #expect(try await self.post(gateway, "wamid.1", secret: "app secret A") == 200)
            for round in 1...3 {
                clock.turn(by: .seconds(6))
                for _ in 0..<5 { #expect(try await self.post(gateway, "wamid.2", secret: "forged") == 401) }
                #expect(gateway.messaging.questions == 1 + round)
            }
        }
    }

    @Test func aDeletedAccountEndsAfterAMinute() async throws {
        let clock = TurnedClock()
        try await Gateway.run([self.account], now: { clock.now }) { gateway async throws in
            #expect(try await self.post(gateway, "wamid.1", secret: "app secret A") == 200)
            gateway.messaging.set([])
            clock.turn(by: .seconds(59))
            #expect(try await self.post(gateway, "wamid.2", secret: "app secret A") == 200)
            clock.turn(by: .seconds(2))
            // The first one still uses the copy, and has it fetched anew.
            try await eventually { try await self.post(gateway, "wamid.3", secret: "app secret A") == 404 }
        }
    }

    @Test func anOldCopyServesWhileMessagingIsDown() async throws {
        let clock = TurnedClock()
        try await Gateway.run([self.account], now: { clock.now }) { gateway async throws in
            #expect(try await self.post(gateway, "wamid.1", secret: "app secret A") == 200)
            gateway.messaging.set(.down)
            clock.turn(by: .seconds(86_400))
            for id in ["wamid.2", "wamid.3"] {
                #expect(try await self.post(gateway, id, secret: "app secret A") == 200)
            }
        }
    }

    private func post(_ gateway: Gateway, _ id: String, secret: String) async throws -> Int {
        let body = Payloads.statuses([id], number: self.account.number ?? "")
        return try await gateway.meta(body, secret: secret, to: self.account.accountID).status
    }
}
