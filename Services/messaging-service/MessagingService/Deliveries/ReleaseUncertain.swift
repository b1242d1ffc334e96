package import Postgres
import Shared

/// Ends the hold of uncertain messages that nobody has told us about: their policy decides.
///
/// `resend` queues the message again, as often as its retry policy has attempts, and says so in its timeline; `hold`
/// leaves it to a person.
package struct ReleaseUncertain: Sendable {
    static let batch = 500

    /// Sees the outbox of every organization, and nothing but its ids and times.
    let engine: PostgresPool
    let postgres: PostgresPool
    let due: DueWork

    package init(engine: PostgresPool, postgres: PostgresPool, due: DueWork) {
        self.engine = engine
        self.postgres = postgres
        self.due = due
    }

    package func callAsFunction() async throws {
        while true {
            let keys = try await self.engine.run { connection in
                try connection.query(
                    """
                    SELECT org_id, message_id FROM outbox
                     WHERE state = 'uncertain' AND due_at <= clock_timestamp()
                     ORDER BY due_at LIMIT \(Self.batch)::int
                    """
                ).map { row in MessageKey(orgID: try row.get("org_id"), id: try row.get("message_id")) }
            }
            guard !keys.isEmpty else { return }
            try await self.release(keys.sorted())
            if keys.count < Self.batch { return }
        }
    }

    private func release(_ keys: [MessageKey]) async throws {
        let (orgs, ids) = (keys.map(\.orgID), keys.map(\.id))
        let lanes = try await self.postgres.transaction(for: Array(Set(orgs))) { connection in
            let rows = try connection.query(
                """
                WITH locked AS (
                    SELECT m.org_id, m.id,
                           m.on_uncertain = 'resend' AND m.attempt_count < cardinality(m.retry_delays) AS is_resent
                      FROM unnest(\(orgs)::uuid[], \(ids)::uuid[]) AS k (org_id, id)
                      JOIN messages m ON m.org_id = k.org_id AND m.id = k.id
                     ORDER BY m.org_id, m.id FOR UPDATE OF m
                ), released AS (
                    UPDATE outbox o SET
                        state = CASE WHEN l.is_resent THEN 'queued' ELSE o.state END,
                        due_at = CASE WHEN l.is_resent THEN clock_timestamp() ELSE 'infinity' END
                      FROM locked l
                     WHERE o.org_id = l.org_id AND o.message_id = l.id
                       AND o.state = 'uncertain' AND o.due_at <= clock_timestamp()
                    RETURNING o.org_id, o.message_id, o.account_id, o.state, o.epoch
                ), said AS (
                    UPDATE attempts a SET retry_at = clock_timestamp()
                      FROM released r
                     WHERE a.org_id = r.org_id AND a.message_id = r.message_id AND a.number = r.epoch
                       AND r.state = 'queued'
                )
                UPDATE messages m SET
                    status = 'queued', attempt_count = m.attempt_count + 1, next_attempt_at = clock_timestamp(),
                    updated_at = clock_timestamp()
                  FROM released r
                 WHERE m.org_id = r.org_id AND m.id = r.message_id AND r.state = 'queued'
                RETURNING r.org_id, r.account_id
                """
            )
            return try rows.map { row in Lane(orgID: try row.get("org_id"), accountID: try row.get("account_id")) }
        }
        self.due.add(lanes)
    }
}
