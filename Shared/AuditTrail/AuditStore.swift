package import Foundation
package import Postgres
package import Shared

/// The statements on the table `audit_events`, which can only grow: every service that keeps a trail has the same one.
package enum AuditStore {
    /// Each line is noted as one to be sealed, in the same statement.
    package static func insert(_ records: [AuditRecord]) -> SQL {
        """
        WITH written AS (
            INSERT INTO audit_events (org_id, id, at, actor, action, entity_type, entity_id, request_id, detail, salt)
            SELECT org_id, id, coalesce(at, clock_timestamp()), actor, action, entity_type, entity_id, request_id, detail::json,
                   CASE WHEN detail IS NOT NULL THEN gen_random_uuid() END
              FROM unnest(
                \(records.map(\.orgID))::uuid[], \(records.map(\.id))::uuid[], \(records.map(\.actor))::text[],
                \(records.map(\.action.rawValue))::text[], \(records.map(\.entityType.rawValue))::text[],
                \(records.map(\.entityID))::uuid[], \(records.map(\.requestID))::text[],
                \(records.map { $0.detail?.text })::text[], \(records.map(\.at))::timestamptz[]
              ) AS r (org_id, id, actor, action, entity_type, entity_id, request_id, detail, at)
            RETURNING org_id, id
        )
        INSERT INTO audit_unsealed (org_id, event_id) SELECT org_id, id FROM written
        """
    }

    package static func insert(_ record: AuditRecord) -> SQL {
        self.insert([record])
    }

    /// Takes the details out of the lines about things that were erased, for the reason that `record` is; the chain still holds.
    ///
    /// The database does it as the owner: the service itself can change nothing. Without such a line nothing is written.
    package static func redact(
        _ entities: [UUID],
        because record: AuditRecord,
        on connection: isolated PostgresConnection
    ) throws {
        let rows = try connection.query(
            """
            SELECT EXISTS (
                SELECT FROM audit_events
                 WHERE org_id = \(record.orgID) AND entity_id = ANY (\(entities)::uuid[]) AND detail IS NOT NULL
                   AND action <> 'ERASED') AS is_needed
            """
        )
        guard try rows[0].get("is_needed") else { return }
        try connection.pipeline([
            self.insert(record),
            "SELECT redact_audit_events(\(record.orgID), \(entities)::uuid[], \(record.id))",
        ])
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
