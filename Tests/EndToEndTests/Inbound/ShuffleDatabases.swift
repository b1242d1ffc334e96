import Postgres
import Shared

/// The five databases of an installation, read past every policy.
struct ShuffleDatabases: Sendable {
    let gateway: PostgresConnection
    let inbound: PostgresConnection
    let customers: PostgresConnection
    let conversations: PostgresConnection
    let messaging: PostgresConnection

    init(_ platform: Platform) async throws {
        func connect(_ role: String) async throws -> PostgresConnection {
            let url = platform.settings.databases[role] ?? ""
            let connection = try await PostgresConnection(url.replacing("user=\(role)", with: "user=postgres"))
            try await connection.execute(script: "SET TIME ZONE 'UTC'")
            return connection
        }
        self.gateway = try await connect("gateway")
        self.inbound = try await connect("inbound")
        self.customers = try await connect("customers")
        self.conversations = try await connect("conversations")
        self.messaging = try await connect("messaging")
    }

    var all: [(name: String, connection: PostgresConnection)] {
        [
            ("gateway", self.gateway), ("inbound", self.inbound), ("customers", self.customers),
            ("conversations", self.conversations), ("messaging", self.messaging),
        ]
    }

    func close() async {
        for (_, connection) in self.all { await connection.close() }
    }

    /// Whether nothing is under way any more.
    func isQuiet() async throws -> Bool {
        let pending = try await self.inbound.query("SELECT 1 FROM inbox_events WHERE state = 'pending' LIMIT 1")
        let unsent = try await self.messaging.query("SELECT 1 FROM outbox LIMIT 1")
        let untold = try await self.messaging.query(
            "SELECT 1 FROM unsent_messages UNION ALL SELECT 1 FROM bounced_messages LIMIT 1"
        )
        let unpushed = try await self.gateway.query(
            "SELECT 1 FROM org_pushes WHERE pushed < version OR pushed_to_conversations < version LIMIT 1"
        )
        return pending.isEmpty && unsent.isEmpty && untold.isEmpty && unpushed.isEmpty
    }

    /// The provider's id of each message that was sent with a reference.
    func sentMessages() async throws -> [String: String] {
        let rows = try await self.messaging.query(
            "SELECT reference, provider_message_id FROM messages WHERE reference IS NOT NULL"
        )
        let pairs = try rows.map { row in
            (try row.get("reference", as: String.self), try row.get("provider_message_id", as: String.self))
        }
        return Dictionary(uniqueKeysWithValues: pairs)
    }
}
