package import Postgres
package import Shared

/// The statements on the table `audit_events`, which can only grow: every service that keeps a trail has the same one.
package enum AuditStore {
    package static func insert(_ records: [AuditRecord]) -> SQL {
        """
        INSERT INTO audit_events (org_id, id, at, actor, action, entity_type, entity_id, request_id, detail)
        SELECT org_id, id, coalesce(at, clock_timestamp()), actor, action, entity_type, entity_id, request_id, detail::json
          FROM unnest(
            \(records.map(\.orgID))::uuid[], \(records.map(\.id))::uuid[], \(records.map(\.actor))::text[],
            \(records.map(\.action.rawValue))::text[], \(records.map(\.entityType.rawValue))::text[],
            \(records.map(\.entityID))::uuid[], \(records.map(\.requestID))::text[],
            \(records.map { $0.detail?.text })::text[], \(records.map(\.at))::timestamptz[]
          ) AS r (org_id, id, actor, action, entity_type, entity_id, request_id, detail, at)
        """
    }

    package static func insert(_ record: AuditRecord) -> SQL {
        self.insert([record])
    }

    /// One page, the newest first: ids are made in the order of time.
    package static func list(
        _ filter: AuditFilter,
        of orgID: OrgID,
        before id: ID<AuditEvent>?,
        limit: Int,
        on connection: isolated PostgresConnection
    ) throws -> [AuditEntry] {
        let actions = filter.actions?.map(\.rawValue)
        return try connection.query(
            """
            SELECT id, at, actor, action, entity_type, entity_id, request_id, detail FROM audit_events
             WHERE org_id = \(orgID)
               AND (\(id)::uuid IS NULL OR id < \(id))
               AND (\(filter.entityID)::uuid IS NULL OR entity_id = \(filter.entityID))
               AND (\(actions)::text[] IS NULL OR action = ANY (\(actions)))
               AND (\(filter.actor)::text IS NULL OR actor = \(filter.actor))
             ORDER BY id DESC LIMIT \(limit)::int
            """
        ).map { try AuditEntry($0) }
    }
}

/// One line as the public API shows it.
package struct AuditEntry: Sendable {
    package let id: ID<AuditEvent>
    package let json: JSONValue

    init(_ row: Row) throws(PostgresError) {
        let detail: String? = try row.getIfPresent("detail")
        self.id = try row.get("id")
        self.json = .object(members: [
            ("id", .text(self.id)), ("at", .text(try row.get("at", as: Timestamp.self))),
            ("actor", .string(try row.get("actor"))), ("action", .string(try row.get("action"))),
            ("entity_type", .string(try row.get("entity_type"))), ("entity_id", .string(try row.get("entity_id"))),
            ("request_id", .text(try row.getIfPresent("request_id", as: String.self))),
            ("detail", detail.flatMap { try? JSONValue(parsing: Array($0.utf8)) } ?? .null),
        ])
    }
}
