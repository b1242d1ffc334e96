import Postgres
import Shared

/// What stands for ids that are made at random: a name by what the row says, which is the same in every installation.
struct ShuffleNames {
    private(set) var names: [String: String] = [:]

    init(_ databases: ShuffleDatabases) async throws {
        try await self.add(
            """
            SELECT org_id::text AS id, 'org' AS name FROM orgs
            UNION ALL SELECT substr(slug, 6), 'slug' FROM orgs
            UNION ALL SELECT id::text, 'key' FROM api_keys
            """,
            on: databases.gateway
        )
        try await self.add(
            "SELECT id::text, 'account of ' || provider AS name FROM channel_accounts",
            on: databases.messaging
        )
        try await self.add(
            """
            SELECT customer_id::text AS id, 'customer ' || min(kind || ' ' || value) AS name
              FROM identities GROUP BY customer_id
            """,
            on: databases.customers
        )
        try await self.addConversations(databases.conversations)
        try await self.addMessages(databases.messaging)
    }

    private mutating func add(_ query: SQL, on connection: PostgresConnection) async throws {
        for row in try await connection.query(query) {
            self.names[try row.get("id", as: String.self)] = try row.get("name", as: String.self)
        }
    }

    private mutating func addConversations(_ connection: PostgresConnection) async throws {
        let rows = try await connection.query(
            "SELECT id::text, customer_id::text, account_id::text FROM conversations"
        )
        for row in rows {
            let customer = self.names[try row.get("customer_id", as: String.self)] ?? "nobody"
            let account = self.names[try row.get("account_id", as: String.self)] ?? "nothing"
            self.names[try row.get("id", as: String.self)] = "conversation of \(customer) with \(account)"
        }
    }

    /// Messages and what their providers call them: by what we sent, or by what they told us.
    private mutating func addMessages(_ connection: PostgresConnection) async throws {
        let rows = try await connection.query(
            """
            SELECT id::text, provider_message_id,
                   CASE WHEN direction = 'inbound' THEN 'message ' || provider_message_id
                        ELSE coalesce(reference, 'answer to ' || recipient || ' by ' || channel || ' ' || (content ->> 'body'))
                    END AS name, direction = 'outbound' AS is_outbound
              FROM messages
            """
        )
        for row in rows {
            let name: String = try row.get("name")
            self.names[try row.get("id", as: String.self)] = name
            guard try row.get("is_outbound", as: Bool.self),
                let providerID = try row.getIfPresent("provider_message_id", as: String.self)
            else { continue }
            self.names[providerID] = "provider's id of \(name)"
        }
    }
}
