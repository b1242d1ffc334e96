import AuditTrail
import HTTPService
import Hummingbird
import Postgres
import Shared

/// Routes under `/internal/queue`: one organization's queue.
struct QueueRoutes: Sendable {
    let postgres: PostgresPool
    let walk: WakeWalk

    func add(to router: some RouterMethods<OrgRequestContext>) {
        router.get("/internal/queue", use: self.show)
        router.post("/internal/queue/pause", use: self.pause)
        router.post("/internal/queue/continue", use: self.continue)
    }

    /// Shows what waits, whether it is paused, and which accounts do not send.
    @Sendable private func show(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        var query = QueryParameters(request)
        try query.finish()
        return RawJSON(try await self.status(of: context.orgID))
    }

    /// Stops the organization's sending, until it is continued; what workers hold goes on.
    @Sendable private func pause(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        try await request.refuseFields()
        try await self.set(by: context.actor, Act(.pause, by: context.actor, requestID: context.id), of: context.orgID)
        return RawJSON(try await self.status(of: context.orgID))
    }

    @Sendable private func `continue`(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        try await request.refuseFields()
        try await self.set(by: nil, Act(.continue, by: context.actor, requestID: context.id), of: context.orgID)
        await self.walk()
        return RawJSON(try await self.status(of: context.orgID))
    }

    private func set(by actor: String?, _ act: Act, of orgID: OrgID) async throws {
        try await self.postgres.transaction(for: [orgID]) { connection in
            _ = try connection.pipeline([
                OrgSettingsStore.setPause(of: orgID, by: actor),
                AuditStore.insert([AuditRecord(act, on: .queue, orgID.uuid, of: orgID)]),
            ])
        }
    }

    private func status(of orgID: OrgID) async throws -> JSONValue {
        let results = try await self.postgres.transaction(for: [orgID]) { connection in
            try connection.pipeline([
                """
                SELECT s.paused_at, s.paused_by, e.paused_at IS NOT NULL AS platform_paused
                  FROM engine_state e LEFT JOIN org_settings s ON s.org_id = \(orgID)
                """,
                QueueCount.of(orgID),
                """
                SELECT a.id, a.name, a.channel, f.gate, f.gate_since, f.gate_by, f.gate_reason, f.probe_at
                  FROM channel_accounts a JOIN account_flows f ON f.org_id = a.org_id AND f.account_id = a.id
                 WHERE a.org_id = \(orgID) AND a.deleted_at IS NULL ORDER BY a.id LIMIT 1000
                """,
            ])
        }
        let pause = results[0].first
        let pausedAt: Timestamp? = try pause?.getIfPresent("paused_at")
        return .object(members: [
            ("paused", .bool(pausedAt != nil)), ("paused_at", .text(pausedAt)),
            ("paused_by", .text(try pause?.getIfPresent("paused_by", as: String.self))),
            ("platform_paused", .bool(try pause?.get("platform_paused") ?? false)),
            ("data", .array(try results[1].map { try QueueCount($0).json })),
            ("accounts", .array(try results[2].map { try Self.account($0) })),
        ])
    }

    private static func account(_ row: Row) throws -> JSONValue {
        let gate = try AccountGate(row)
        return .object(members: [
            ("id", .string(try row.get("id"))), ("name", .string(try row.get("name"))),
            ("channel", .string(try row.get("channel"))), ("state", .string(gate.state)),
            ("reason", .text(gate.reason)), ("next_probe_at", .text(gate.nextProbeAt)),
        ])
    }
}
