package import Postgres
package import Shared

/// The statements that find the messages whose time is over, and remove them; for one organization.
package struct RetentionStore: Sendable {
    /// Messages that one step looks at, and so the most that it removes.
    package static let batch = 200
    /// Bytes of content that one step reads into memory; a single message may have more.
    static let batchBytes = 4 << 20

    /// What one step along the primary key found.
    package struct Walk: Sendable {
        /// Those whose time is over, the oldest first.
        package let due: [MessageID]
        /// The last that was looked at: the next step begins behind it; nil at the end of the walk.
        package let last: MessageID?
    }

    let limit: RetentionLimit

    package init(_ limit: RetentionLimit) {
        self.limit = limit
    }

    private var orgID: OrgID { self.limit.orgID }

    /// The organizations that keep their messages for a time only; to be asked as the engine's role.
    package static func limits(on connection: isolated PostgresConnection) throws -> [RetentionLimit] {
        try connection.query(
            """
            SELECT org_id, retention_days, retention_action, current_date::text AS day,
                   now() + clock_offset * interval '1 microsecond' - retention_days * interval '1 day' AS before
              FROM org_settings WHERE retention_days IS NOT NULL ORDER BY org_id
            """
        ).map { try RetentionLimit($0) }
    }

    /// Looks at the next messages behind `cursor`, in the order of their making.
    ///
    /// - Returns: nil when another replica is at work.
    package func walk(
        after cursor: MessageID?,
        on connection: isolated PostgresConnection
    ) throws -> Walk? {
        let results = try connection.pipeline([Self.takeTurn, self.walk(after: cursor)])
        guard try Self.isOurTurn(results[0]) else { return nil }
        var (due, last): ([MessageID], MessageID?) = ([], nil)
        var bytes = 0
        for row in results[1] {
            bytes += try row.get("bytes", as: Int.self)
            // The rest is for the next step.
            if bytes > Self.batchBytes, last != nil { return Walk(due: due, last: last) }
            let id: MessageID = try row.get("id")
            if try row.get("is_due", as: Bool.self) { due.append(id) }
            last = id
        }
        return Walk(due: due, last: results[1].count < Self.batch ? nil : last)
    }

    /// A range of the primary key, whose rows are read once in a sweep, due or not.
    ///
    /// Whoever is unfinished has a row in the outbox, whatever else is said of it.
    package func walk(after cursor: MessageID?) -> SQL {
        """
        WITH walked AS MATERIALIZED (
            SELECT id, status, updated_at, broadcast_id, content FROM messages
             WHERE org_id = \(self.orgID) AND id < \(self.limit.end)
               AND (\(cursor)::uuid IS NULL OR id > \(cursor))
             ORDER BY id LIMIT \(Self.batch)::int
        ), judged AS (
            SELECT w.id, coalesce(w.content, b.content) AS content,
                   o.message_id IS NULL AND w.updated_at < \(self.limit.before)
                   AND w.status IN ('sent', 'delivered', 'read', 'failed', 'skipped', 'cancelled', 'expired') AS is_due
              FROM walked w
              LEFT JOIN outbox o ON o.org_id = \(self.orgID) AND o.message_id = w.id
              LEFT JOIN broadcasts b ON b.org_id = \(self.orgID) AND b.id = w.broadcast_id AND w.content IS NULL
        )
        SELECT id, is_due,
               CASE WHEN is_due AND \(self.limit.action.rawValue)::text = 'archive' THEN octet_length(content::text) ELSE 0 END AS bytes
          FROM judged ORDER BY id
        """
    }

    /// Removes messages with everything that belongs to them, if their time is still over and nobody is at them.
    ///
    /// With `archived`, only those that are still as they were archived.
    /// - Returns: how many were removed; nil when another replica is at work.
    package func remove(
        _ ids: [MessageID],
        archived: [ArchivedMessage]?,
        on connection: isolated PostgresConnection
    ) throws -> Int? {
        let results = try connection.pipeline([Self.takeTurn, self.lock(ids), self.judge(ids)])
        guard try Self.isOurTurn(results[0]) else { return nil }
        let locked = Set(try results[1].map { row in try row.get("id", as: MessageID.self) })
        var leaving = try results[2].map { row in try row.get("id", as: MessageID.self) }.filter(locked.contains)
        if let archived {
            let current = try ArchivedMessage.read(leaving, of: self.orgID, on: connection)
            let written = Set(archived)
            leaving = current.filter(written.contains).map(\.id)
        }
        guard !leaving.isEmpty else { return 0 }
        try connection.pipeline(self.deletions(of: leaving))
        return leaving.count
    }

    /// All that changes messages locks the message first: who has the lock now decides about it.
    private func lock(_ ids: [MessageID]) -> SQL {
        """
        SELECT m.id FROM unnest(\(ids)::uuid[]) AS k (id)
          JOIN messages m ON m.org_id = \(self.orgID) AND m.id = k.id
         ORDER BY m.id FOR UPDATE OF m SKIP LOCKED
        """
    }

    /// A statement of its own, because the snapshot of the locking one may be older than the lock.
    ///
    /// The settings are asked too: who wants to keep messages need not wait for the end of the sweep.
    private func judge(_ ids: [MessageID]) -> SQL {
        """
        SELECT m.id FROM unnest(\(ids)::uuid[]) AS k (id)
          JOIN messages m ON m.org_id = \(self.orgID) AND m.id = k.id
          LEFT JOIN outbox o ON o.org_id = m.org_id AND o.message_id = m.id
         WHERE o.message_id IS NULL AND m.updated_at < \(self.limit.before)
           AND m.status IN ('sent', 'delivered', 'read', 'failed', 'skipped', 'cancelled', 'expired')
           AND EXISTS (SELECT FROM org_settings
                        WHERE org_id = \(self.orgID) AND retention_days <= \(self.limit.days)::int
                          AND retention_action = \(self.limit.action.rawValue))
         ORDER BY m.id
        """
    }

    /// Attempts and dead letters go with their messages.
    private func deletions(of ids: [MessageID]) -> [SQL] {
        [
            ActivityStore.delete(of: ids.map { MessageKey(orgID: self.orgID, id: $0) }),
            """
            DELETE FROM provider_events e USING unnest(\(ids)::uuid[]) AS k (id)
             WHERE e.org_id = \(self.orgID) AND e.message_id = k.id
            """,
            """
            DELETE FROM messages m USING unnest(\(ids)::uuid[]) AS k (id)
             WHERE m.org_id = \(self.orgID) AND m.id = k.id
            """,
        ]
    }

    /// Keeps replicas out of each other's way until the end of the transaction; nothing depends on it.
    private static let takeTurn: SQL = "SELECT pg_try_advisory_xact_lock(7063) AS is_ours"

    private static func isOurTurn(_ rows: [Row]) throws -> Bool {
        try rows.first?.get("is_ours") ?? false
    }
}
