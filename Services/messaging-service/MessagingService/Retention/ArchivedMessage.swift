package import Postgres
package import Shared

/// A message as a line of the archive: what `GET /messages/{id}` shows, with its attempts and its providers' reports.
package struct ArchivedMessage: Sendable, Hashable {
    package let id: MessageID
    /// JSON in our own encoding, without the end of the line.
    package let line: [UInt8]

    package init(id: MessageID, line: [UInt8]) {
        self.id = id
        self.line = line
    }

    /// Reads messages with all that is removed with them, the oldest first, in one round trip.
    package static func read(
        _ ids: [MessageID],
        of orgID: OrgID,
        on connection: isolated PostgresConnection
    ) throws -> [ArchivedMessage] {
        guard !ids.isEmpty else { return [] }
        let results = try connection.pipeline([
            """
            SELECT s.* FROM unnest(\(ids)::uuid[]) AS k (id)
              JOIN message_states s ON s.org_id = \(orgID) AND s.id = k.id
             ORDER BY s.id
            """,
            """
            SELECT a.* FROM unnest(\(ids)::uuid[]) AS k (id)
              JOIN attempts a ON a.org_id = \(orgID) AND a.message_id = k.id
             ORDER BY a.message_id, a.number
            """,
            """
            SELECT e.* FROM unnest(\(ids)::uuid[]) AS k (id)
              JOIN provider_events e ON e.org_id = \(orgID) AND e.message_id = k.id
             ORDER BY e.message_id, e.received_at, e.event_key
            """,
        ])
        var attempts: [MessageID: [JSONValue]] = [:]
        for row in results[1] {
            attempts[try row.get("message_id"), default: []].append(try AttemptResource(row).json)
        }
        var reports: [MessageID: [JSONValue]] = [:]
        for row in results[2] {
            reports[try row.get("message_id"), default: []].append(try Self.report(row))
        }
        return try MessageResource.read(results[0], on: connection).map { message in
            let members =
                message.members + [
                    ("attempts", .array(attempts[message.id] ?? [])),
                    ("provider_reports", .array(reports[message.id] ?? [])),
                ]
            return ArchivedMessage(id: message.id, line: JSONValue.object(members: members).bytes)
        }
    }

    /// A report with everything that is stored of it, and `report` as it was understood.
    private static func report(_ row: Row) throws -> JSONValue {
        let report: String = try row.get("report")
        let attempt: Int? = try row.getIfPresent("attempt")
        return .object(members: [
            ("event_key", .string(try row.get("event_key"))),
            ("account_id", .text(try row.get("account_id", as: AccountID.self))),
            ("attempt", attempt.map { .number(JSONNumber($0)) } ?? .null),
            ("provider_message_id", .text(try row.getIfPresent("provider_message_id", as: String.self))),
            ("effect", .string(try row.get("effect"))),
            ("effect_detail", .text(try row.getIfPresent("effect_detail", as: String.self))),
            ("occurred_at", .text(try row.getIfPresent("occurred_at", as: Timestamp.self))),
            ("received_at", .text(try row.get("received_at", as: Timestamp.self))),
            ("report", try JSONValue(parsing: Array(report.utf8))),
        ])
    }
}
