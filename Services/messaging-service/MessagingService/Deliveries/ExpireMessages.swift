import Postgres
import Shared

/// Ends messages whose time was over when they were to be sent.
///
/// In a transaction of its own after the claim, which has taken them: all that changes messages locks the message first.
struct ExpireMessages: Sendable {
    let postgres: PostgresPool

    func callAsFunction(_ messages: [ClaimedMessage]) async throws {
        guard !messages.isEmpty else { return }
        let keys = messages.map { MessageKey(orgID: $0.orgID, id: $0.messageID) }.sorted()
        let (orgs, ids) = (keys.map(\.orgID), keys.map(\.id))
        try await self.postgres.transaction(for: Array(Set(orgs))) { connection in
            try connection.query(
                """
                WITH locked AS (
                    SELECT m.org_id, m.id
                      FROM unnest(\(orgs)::uuid[], \(ids)::uuid[]) AS k (org_id, id)
                      JOIN messages m ON m.org_id = k.org_id AND m.id = k.id
                     ORDER BY m.org_id, m.id FOR UPDATE OF m
                ), removed AS (
                    DELETE FROM outbox o USING locked l
                     WHERE o.org_id = l.org_id AND o.message_id = l.id AND o.state = 'leased'
                    RETURNING o.org_id, o.message_id
                )
                UPDATE messages m SET status = 'expired', next_attempt_at = NULL, updated_at = clock_timestamp()
                  FROM removed r
                 WHERE m.org_id = r.org_id AND m.id = r.message_id
                """
            )
        }
    }
}
