import HTTPService
import Hummingbird
import Postgres
import Shared

/// Routes under `/internal/stats`, which the api-gateway forwards from `/api/v1/stats`.
struct StatisticsRoutes: Sendable {
    /// How far back deliveries are counted when the caller does not say.
    static let ordinaryPeriod: Duration = .seconds(86_400)

    let postgres: PostgresPool

    func add(to router: some RouterMethods<OrgRequestContext>) {
        router.get("/internal/stats/queue", use: self.queue)
        router.get("/internal/stats/deliveries", use: self.deliveries)
    }

    /// Counts unfinished messages by channel and status.
    @Sendable private func queue(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        let orgID = context.orgID
        var query = QueryParameters(request)
        try query.finish()
        let rows = try await self.postgres.transaction(for: [orgID]) { connection in
            try connection.query(QueueCount.of(orgID))
        }
        return RawJSON(["data": .array(try rows.map { try QueueCount($0).json })])
    }

    /// Counts messages created since a time by channel and status; a day when none is given.
    @Sendable private func deliveries(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        let orgID = context.orgID
        var query = QueryParameters(request)
        let since = query.timestamp("since") ?? Timestamp.now - Self.ordinaryPeriod
        try query.finish()
        // Ids are made in the order of time, so the primary key finds them.
        let first = MessageID.first(at: since)
        let rows = try await self.postgres.transaction(for: [orgID]) { connection in
            try connection.query(
                """
                SELECT channel, current_status AS status, count(*) AS count FROM message_states
                 WHERE org_id = \(orgID) AND id >= \(first) AND direction = 'outbound'
                 GROUP BY channel, current_status ORDER BY channel, current_status
                """
            )
        }
        return RawJSON(["data": .array(try rows.map { .object(members: try Self.counted($0)) })])
    }

    private static func counted(_ row: Row) throws(PostgresError) -> [(String, JSONValue)] {
        [
            ("channel", .string(try row.get("channel"))), ("status", .string(try row.get("status"))),
            ("count", .number(JSONNumber(try row.get("count", as: Int.self)))),
        ]
    }
}
