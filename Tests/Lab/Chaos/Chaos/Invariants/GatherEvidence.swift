import Installation
import Postgres
import ProviderStub
import Shared
import TestClient

/// Reads what the databases, the provider and the public API say, once nothing moves any more.
struct GatherEvidence: Sendable {
    let herald: Installation
    let postgres: PrivatePostgres
    let tenants: [Tenant]

    func callAsFunction() async throws -> Evidence {
        var evidence = Evidence()
        let orgs = try await self.rows(
            of: "messaging",
            "SELECT org_id::text AS org, number FROM channel_accounts WHERE number IS NOT NULL"
        ) { row in (try row.get("org", as: String.self), try row.get("number", as: String.self)) }
        let tenantOf = Dictionary(
            orgs.compactMap { org, number in
                self.tenants.first { $0.whatsAppNumber == number }.map { (org, $0.number) }
            }
        ) { first, _ in first }
        try await self.readMessages(&evidence, tenantOf)
        self.readLedger(&evidence)
        try await self.readInbox(&evidence)
        for tenant in self.tenants { try await self.readShown(to: tenant, &evidence, tenantOf) }
        let stats = self.herald.stub.stats
        evidence.callbacksLost = stats.callbacksFailed + stats.callbacksDropped
        evidence.faults = await self.herald.processes.faults
        return evidence
    }

    /// Events that wait in the inbox.
    func waiting() async throws -> Int {
        var evidence = Evidence()
        try await self.readInbox(&evidence)
        return evidence.inboxPending
    }

    private func readMessages(_ evidence: inout Evidence, _ tenantOf: [String: Int]) async throws {
        let messages = try await self.rows(
            of: "messaging",
            """
            SELECT org_id::text AS org, id::text AS id, status::text AS status, coalesce(error_code, '') AS reason,
                   channel::text AS channel, status = 'failed' AND coalesce(error_class = 'uncertain', false) AS doubt
              FROM messages WHERE direction = 'outbound'
            """
        ) { row in
            (
                try row.get("id", as: String.self),
                Evidence.Message(
                    tenant: tenantOf[try row.get("org", as: String.self)] ?? 0,
                    status: try row.get("status"),
                    reason: try row.get("reason"),
                    channel: try row.get("channel"),
                    isInDoubt: try row.get("doubt")
                )
            )
        }
        evidence.messages = Dictionary(uniqueKeysWithValues: messages)
        evidence.outbox = Set(
            try await self.rows(of: "messaging", "SELECT message_id::text AS id FROM outbox") { try $0.get("id") }
        )
        let attempts = try await self.rows(
            of: "messaging",
            "SELECT message_id::text AS id, state::text AS state FROM attempts ORDER BY message_id, number"
        ) { row in (try row.get("id", as: String.self), try row.get("state", as: String.self)) }
        for (id, state) in attempts { evidence.attempts[id, default: []].append(state) }
    }

    private func readLedger(_ evidence: inout Evidence) {
        evidence.taken = self.herald.stub.ledger.entries.map { entry in
            let reference = entry.reference.flatMap { AttemptReference($0) }
            return Evidence.Taken(
                id: reference?.messageID.description ?? "",
                channel: entry.provider.rawValue,
                tenant: self.tenants.first { $0.owns(account: entry.account) }?.number,
                unreadable: reference == nil ? entry.reference ?? "none" : nil
            )
        }
    }

    private func readInbox(_ evidence: inout Evidence) async throws {
        let counts = try await self.rows(
            of: "inbound",
            """
            SELECT count(*) FILTER (WHERE state = 'pending')::int AS pending,
                   count(*) FILTER (WHERE state = 'failed')::int AS failed FROM inbox_events
            """
        ) { row in (try row.get("pending", as: Int.self), try row.get("failed", as: Int.self)) }
        evidence.inboxPending = counts.first?.0 ?? 0
        evidence.inboxFailed = counts.first?.1 ?? 0
    }

    /// What the public API shows a tenant; it must be all that is theirs, and nothing else.
    private func readShown(to tenant: Tenant, _ evidence: inout Evidence, _ tenantOf: [String: Int]) async throws {
        let owners = try await self.rows(
            of: "messaging",
            "SELECT org_id::text AS org, id::text AS id FROM messages"
        ) { row in (try row.get("id", as: String.self), try row.get("org", as: String.self)) }
        let mine = Set(owners.filter { tenantOf[$0.1] == tenant.number }.map(\.0))
        let shown = Set(try await tenant.api.allMessages().keys)
        evidence.shownToOthers += shown.subtracting(mine).sorted().map { "\($0) was shown to another" }
        evidence.shownToOthers += mine.subtracting(shown).sorted().map { "\($0) is not shown to its own organization" }
        evidence.received[tenant.number] = try await tenant.api.inboundTexts().mapValues { $0.sorted() }
        let conversations = try await tenant.api.get("/api/v1/conversations?limit=200").json["data"]?.array ?? []
        evidence.unread[tenant.number] = conversations.reduce(0) { $0 + ($1["unread_count"]?.int ?? 0) }
    }

    private func rows<Value: Sendable>(
        of database: String,
        _ sql: SQL,
        _ read: @Sendable (Row) throws -> Value
    ) async throws -> [Value] {
        let connection = try await PostgresConnection(self.postgres.url(database: database, role: "postgres"))
        let values = try await connection.query(sql).map(read)
        await connection.close()
        return values
    }
}
