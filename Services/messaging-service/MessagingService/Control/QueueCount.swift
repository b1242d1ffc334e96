import Postgres
import Shared

/// How many unfinished messages of one kind there are.
struct QueueCount: Sendable {
    let members: [(String, JSONValue)]

    init(_ row: Row) throws(PostgresError) {
        self.members = [
            ("channel", .string(try row.get("channel"))), ("status", .string(try row.get("status"))),
            ("count", .number(JSONNumber(try row.get("count", as: Int.self)))),
            ("oldest_due_at", .text(try row.getIfPresent("oldest_due_at", as: Timestamp.self))),
        ]
    }

    var json: JSONValue { .object(members: self.members) }

    /// Of one organization; the outbox alone knows.
    static func of(_ orgID: OrgID) -> SQL {
        """
        SELECT channel, CASE state WHEN 'scheduled' THEN CASE WHEN epoch = 0 THEN 'scheduled' ELSE 'queued' END WHEN 'leased' THEN 'sending'
                                   WHEN 'uncertain' THEN 'uncertain' WHEN 'held' THEN 'uncertain'
                                   ELSE 'queued' END AS status,
               count(*) AS count, min(due_at) FILTER (WHERE state <> 'held') AS oldest_due_at
          FROM outbox WHERE org_id = \(orgID)
         GROUP BY 1, 2 ORDER BY 1, 2
        """
    }

    /// Of every organization, for the operator; to be asked as the engine.
    static let ofAll: SQL = """
        SELECT org_id, channel, CASE state WHEN 'scheduled' THEN CASE WHEN epoch = 0 THEN 'scheduled' ELSE 'queued' END WHEN 'leased' THEN 'sending'
                                           WHEN 'uncertain' THEN 'uncertain' WHEN 'held' THEN 'uncertain'
                                           ELSE 'queued' END AS status,
               count(*) AS count, min(due_at) FILTER (WHERE state <> 'held') AS oldest_due_at
          FROM outbox GROUP BY 1, 2, 3 ORDER BY count(*) DESC LIMIT 1000
        """
}
