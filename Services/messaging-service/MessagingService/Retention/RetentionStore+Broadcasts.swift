import Postgres
import Shared

extension RetentionStore {
    /// Removes one broadcast with its recipients that ended before the limit, and of which no message is left.
    ///
    /// - Returns: whether there was one.
    func removeBroadcast(on connection: isolated PostgresConnection) throws -> Bool {
        let rows = try connection.query(
            """
            WITH old AS (
                SELECT id FROM broadcasts b
                 WHERE org_id = \(self.limit.orgID) AND state IN ('done', 'cancelled')
                   AND coalesce(finished_at, updated_at) < \(self.limit.before)
                   AND NOT EXISTS (SELECT FROM messages m
                                    WHERE m.org_id = \(self.limit.orgID) AND m.broadcast_id = b.id)
                   AND EXISTS (SELECT FROM org_settings
                                WHERE org_id = \(self.limit.orgID) AND retention_days <= \(self.limit.days)::int)
                 ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
            )
            DELETE FROM broadcasts b USING old WHERE b.org_id = \(self.limit.orgID) AND b.id = old.id RETURNING b.id
            """
        )
        return !rows.isEmpty
    }
}
