import Foundation
import NIOHTTP1
import Postgres
import Shared
import TestSupport
import Testing

@Suite struct DatabaseOutageTests {
    private static let message: JSONValue = ["to": "+15550000003", "channel": "sandbox", "body": "x"]

    @Test(.timeLimit(.minutes(5)), arguments: ["messaging", "customers", "conversations"])
    func whileADatabaseIsAwayClientsAreToldToComeAgain(role: String) async throws {
        try await withPlatform { platform in
            let tenant = try await platform.newTenant()
            _ = try await tenant.sendMessage(Self.message)
            let outage = try await Outage(of: try #require(platform.settings.databases[role]))

            try await outage.begin()
            let refused = try await tenant.post("/api/v1/messages", Self.message, ["idempotency-key": "k"])
            #expect(refused.status == 503, "\(refused.text)")
            #expect(refused.headers.first(name: "retry-after") != nil)
            #expect(refused.json["code"]?.string == "unavailable")

            try await outage.end()
            try await eventually {
                try await tenant.post("/api/v1/messages", Self.message, ["idempotency-key": "k"]).status == 202
            }
            let list = try await tenant.get("/api/v1/messages")
            #expect(list.json["data"]?.array?.count == 2)
        }
    }
}

/// Takes one database away while the others stay, as the server would when it is being restored.
private struct Outage {
    private let database: String
    private let admin: PostgresConnection

    init(of url: String) async throws {
        let name = url.split(separator: " ").first { $0.hasPrefix("dbname=") }?.dropFirst("dbname=".count)
        self.database = try #require(name.map(String.init))
        self.admin = try await PostgresConnection(TestServer.url(database: "postgres", role: "postgres"))
    }

    func begin() async throws {
        try await self.admin.execute(script: "ALTER DATABASE \"\(self.database)\" ALLOW_CONNECTIONS false")
        try await self.admin.query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = \(self.database)"
        )
    }

    func end() async throws {
        try await self.admin.execute(script: "ALTER DATABASE \"\(self.database)\" ALLOW_CONNECTIONS true")
    }
}
