import HTTPService
import Hummingbird
import Logging
import Postgres
import Shared

/// Routes under `/internal/engine`, for the operator of the whole platform.
struct EngineRoutes: Sendable {
    /// Sees the outbox of every organization, and nothing but its ids and times.
    let engine: PostgresPool
    let postgres: PostgresPool
    let walk: WakeWalk

    func add(to router: some RouterMethods<ServiceRequestContext>) {
        router.get("/internal/engine/queue", use: self.show)
        router.post("/internal/engine/pause", use: self.pause)
        router.post("/internal/engine/continue", use: self.continue)
        router.post("/internal/engine/restart", use: self.restart)
    }

    /// Shows what waits, by organization, and who works.
    @Sendable private func show(_ request: Request, context: ServiceRequestContext) async throws -> RawJSON {
        RawJSON(try await self.status())
    }

    /// Stops all sending, until it is continued; what workers hold goes on.
    @Sendable private func pause(_ request: Request, context: ServiceRequestContext) async throws -> RawJSON {
        let actor = try await Self.actor(of: request)
        try await self.run(
            """
            UPDATE engine_state SET paused_at = coalesce(paused_at, clock_timestamp()), paused_by = coalesce(paused_by, \(actor))
            """
        )
        context.logger.notice("all queues paused", metadata: ["actor": "\(actor)"])
        return RawJSON(try await self.status())
    }

    @Sendable private func `continue`(_ request: Request, context: ServiceRequestContext) async throws -> RawJSON {
        let actor = try await Self.actor(of: request)
        try await self.run("UPDATE engine_state SET paused_at = NULL, paused_by = NULL")
        await self.walk()
        context.logger.notice("all queues continued", metadata: ["actor": "\(actor)"])
        return RawJSON(try await self.status())
    }

    /// Tells every worker to end gracefully with its next heartbeat; its supervisor starts it again.
    @Sendable private func restart(_ request: Request, context: ServiceRequestContext) async throws -> RawJSON {
        let actor = try await Self.actor(of: request)
        let rows = try await self.run("UPDATE engine_state SET restart_at = clock_timestamp() RETURNING restart_at")
        context.logger.notice("workers are to restart", metadata: ["actor": "\(actor)"])
        return RawJSON(["restart_at": .text(try rows.first?.get("restart_at", as: Timestamp.self))])
    }

    private static func actor(of request: Request) async throws -> String {
        var fields = JSONFields(try await request.optionalJSON(), at: "")
        let actor = fields.requiredString("actor", 1...200)
        try fields.finish()
        return actor
    }

    @discardableResult
    private func run(_ sql: SQL) async throws -> [Row] {
        try await self.postgres.run { connection in try connection.query(sql) }
    }

    private func status() async throws -> JSONValue {
        let state = try await self.run("SELECT paused_at, paused_by FROM engine_state").first
        let pausedAt: Timestamp? = try state?.getIfPresent("paused_at")
        let results = try await self.engine.run { connection in
            try connection.pipeline([
                QueueCount.ofAll,
                """
                SELECT name, beat_at, beat_at > clock_timestamp() - interval '5 seconds' AS is_alive FROM workers
                 ORDER BY beat_at DESC LIMIT 1000
                """,
            ])
        }
        return .object(members: [
            ("paused", .bool(pausedAt != nil)), ("paused_at", .text(pausedAt)),
            ("paused_by", .text(try state?.getIfPresent("paused_by", as: String.self))),
            (
                "data",
                .array(
                    try results[0].map { row in
                        .object(members: [("org_id", .string(try row.get("org_id")))] + (try QueueCount(row).members))
                    }
                )
            ),
            ("workers", .array(try results[1].map { try Self.worker($0) })),
        ])
    }

    private static func worker(_ row: Row) throws(PostgresError) -> JSONValue {
        .object(members: [
            ("name", .string(try row.get("name"))), ("alive", .bool(try row.get("is_alive"))),
            ("beat_at", .text(try row.get("beat_at", as: Timestamp.self))),
        ])
    }
}
