import Foundation
import NIOHTTP1
import ProviderStub
import Shared
import Synchronization
import TestSupport
import Testing

/// An installation gets another master key while it goes on.
@Suite struct MasterKeyTests {
    private static let (old, new) = (key(9), key(5))
    private static let message: JSONValue = ["to": "+14155550100", "channel": "whatsapp", "body": "Hello"]

    private static func key(_ byte: UInt8) -> String { Data(repeating: byte, count: 32).base64EncodedString() }

    /// What was set up under the first key.
    private struct Tenant: Sendable {
        let key: String?
        let number: String
        let first: String
    }

    @Test(.timeLimit(.minutes(5))) func anotherKeyIsTakenInTwoRestartsAndNothingIsLost() async throws {
        let (inboundPort, inboxPort) = (try FreePort.find(), try FreePort.find())
        let state = FileManager.default.temporaryDirectory.appending(path: "herald-e2e-\(UUID())").path()
        defer { for number in 1...4 { try? FileManager.default.removeItem(atPath: "\(state)-\(number)") } }
        try await withProviderStub(configure: { settings in
            settings.webhookBase = "http://127.0.0.1:\(inboundPort)"
            settings.whatsAppAppSecret = Platform.whatsAppSecret
        }) { stub in
            try await withDatabases(Platform.databases) { urls in
                let settings: @Sendable (Int, [String: String]) -> Platform.Settings = { number, keys in
                    var settings = Platform.Settings(
                        databases: urls,
                        inboundPort: inboundPort,
                        inboxPort: inboxPort,
                        stubURL: stub.url,
                        stateDirectory: "\(state)-\(number)"
                    )
                    settings.masterKeys = keys
                    return settings
                }
                let made = Mutex<Tenant?>(nil)
                try await withServices(of: settings(1, ["MASTER_KEY": Self.old]), stub: stub) { platform in
                    let tenant = try await Self.setUp(platform)
                    made.withLock { $0 = tenant }
                }
                let tenant = try #require(made.withLock { $0 })
                // The first restart: the new key is known. Before the second has come to all, some seal with the old one.
                let ahead = ["MASTER_KEY": Self.new, "MASTER_KEY_PREVIOUS": Self.old]
                let behind = ["MASTER_KEY": Self.old, "MASTER_KEY_PREVIOUS": Self.new]
                try await withServices(of: settings(2, behind), stub: stub) { first in
                    let before = try await first.sealedHeaders()
                    var other = settings(3, ahead)
                    (other.inboundPort, other.inboxPort) = (try FreePort.find(), try FreePort.find())
                    try await withServices(of: other, stub: stub) { second in
                        try await eventually { try await first.sealedHeaders().isDisjoint(with: before) }
                        for (number, platform) in [first, second, first].enumerated() {
                            try await Self.goOn(platform, tenant, number)
                            let again = try await platform.gateway.with(key: tenant.key)
                                .post("/api/v1/messages", Self.message, ["idempotency-key": "order-17"])
                            #expect(again.id == tenant.first)
                            #expect(again.headers.first(name: "idempotency-replayed") == "true")
                        }
                    }
                }
                // Without the old key everything still opens.
                try await withServices(of: settings(4, ["MASTER_KEY": Self.new]), stub: stub) { platform in
                    try await Self.goOn(platform, tenant, 3)
                }
            }
        }
    }

    private static func setUp(_ platform: Platform) async throws -> Tenant {
        let tenant = try await platform.newTenant()
        let account = try await tenant.newWhatsAppAccount()
        let first = try await tenant.post("/api/v1/messages", self.message, ["idempotency-key": "order-17"])
        try await eventually { try await tenant.status(of: first.id) == "read" }
        let hello = MetaPayload.text("wamid.first", "Hi", from: "14155550100")
        let signed = MetaPayload.message(hello, number: account.number)
        #expect(try await InboundSigner(platform).meta(signed).status == 200)
        return Tenant(key: tenant.key, number: account.number, first: first.id)
    }

    /// Both directions need the account's secrets.
    private static func goOn(_ platform: Platform, _ tenant: Tenant, _ number: Int) async throws {
        let api = platform.gateway.with(key: tenant.key)
        let id = try await api.sendMessage(self.message)
        try await eventually { try await ["sent", "delivered", "read"].contains(api.status(of: id)) }
        let hello = MetaPayload.text("wamid.\(number)", "Hi", from: "14155550100")
        let signed = MetaPayload.message(hello, number: tenant.number)
        #expect(try await InboundSigner(platform).meta(signed).status == 200)
    }
}

extension Platform {
    /// By which keys the secrets are sealed.
    fileprivate func sealedHeaders() async throws -> Set<String> {
        let places = [("messaging", "channel_accounts", "credentials"), ("inbound", "webhook_accounts", "secrets")]
        var headers: Set<String> = []
        for (role, table, column) in places {
            let dump = String(decoding: try await self.dump(of: role, table: table), as: UTF8.self)
            // Version and key: ten digits behind what marks a bytea.
            let sealed = dump.split(separator: "\\\\x").dropFirst().map { String($0.prefix(10)) }
            #expect(!sealed.isEmpty, "\(table).\(column)")
            headers.formUnion(sealed)
        }
        return headers
    }
}
