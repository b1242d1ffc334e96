import Postgres
import Shared

/// The statements on `inbox_events`, of one or several organizations; the scope must hold all of them.
enum InboxStore {
    /// Stores the events that are new, each already taken by the request that brought it.
    ///
    /// They are written in the order of their keys: two requests with the same events in another order then wait for each
    /// other, where else they could block each other.
    /// - Returns: the ids of those that are new.
    static func insert(
        _ events: [NewInboxEvent],
        lease: Duration,
        on connection: isolated PostgresConnection
    ) throws -> Set<ID<InboxEvent>> {
        let rows = try connection.query(
            """
            INSERT INTO inbox_events (org_id, account_id, event_key, provider, id, request_id, kind, state, attempts,
                                      next_attempt_at, content)
            SELECT org_id, account_id, event_key, provider, id, request_id, kind, state,
                   CASE WHEN state = 'pending' THEN 1 ELSE 0 END,
                   CASE WHEN state = 'pending' THEN now() + \(Int(lease.milliseconds)) * interval '1 millisecond' END,
                   content
              FROM unnest(
                       \(events.map(\.orgID))::uuid[], \(events.map(\.accountID))::uuid[],
                       \(events.map(\.key))::text[], \(events.map(\.provider.rawValue))::provider_kind[],
                       \(events.map(\.id))::uuid[], \(events.map(\.requestID))::uuid[],
                       \(events.map(\.kind))::inbox_kind[], \(events.map(\.state))::inbox_state[],
                       \(events.map(\.content))::jsonb[]
                   ) AS new (org_id, account_id, event_key, provider, id, request_id, kind, state, content)
             ORDER BY org_id, account_id, event_key
            ON CONFLICT (org_id, account_id, event_key) DO NOTHING
            RETURNING id
            """
        )
        return Set(try rows.map { try $0.get("id", as: ID<InboxEvent>.self) })
    }

    /// The organizations that have due events, the one that waits longest first.
    static func due(
        of orgs: [OrgID],
        on connection: isolated PostgresConnection
    ) throws -> [OrgID] {
        let rows = try connection.query(
            """
            SELECT org_id FROM inbox_events
             WHERE org_id = ANY (\(orgs)::uuid[]) AND state = 'pending' AND next_attempt_at <= now()
             GROUP BY org_id
             ORDER BY min(next_attempt_at)
            """
        )
        return try rows.map { try $0.get("org_id") }
    }

    /// Takes due events of each organization, in one round trip; nobody else gets them until the lease ends.
    static func claim(
        atMost limit: Int,
        ofEach orgs: [OrgID],
        lease: Duration,
        on connection: isolated PostgresConnection
    ) throws -> [ClaimedEvent] {
        let results = try connection.pipeline(
            orgs.map { orgID in
                """
                WITH due AS (
                    SELECT account_id, event_key FROM inbox_events
                     WHERE org_id = \(orgID) AND state = 'pending' AND next_attempt_at <= now()
                     ORDER BY next_attempt_at
                     LIMIT \(limit)
                       FOR UPDATE SKIP LOCKED
                )
                UPDATE inbox_events AS e
                   SET attempts = attempts + 1,
                       next_attempt_at = now() + \(Int(lease.milliseconds)) * interval '1 millisecond'
                  FROM due
                 WHERE e.org_id = \(orgID) AND e.account_id = due.account_id AND e.event_key = due.event_key
                RETURNING e.org_id, e.account_id, e.event_key, e.attempts, e.refusals, e.content
                """
            }
        )
        return try results.joined().map { row in
            ClaimedEvent(
                orgID: try row.get("org_id"),
                accountID: try row.get("account_id"),
                key: try row.get("event_key"),
                attempts: try row.get("attempts"),
                refusals: try row.get("refusals"),
                content: try row.get("content")
            )
        }
    }

    /// Writes what became of events.
    ///
    /// Only `done` counts once someone else has taken the event: it is true whoever says it.
    static func settle(_ settlements: [Settlement], on connection: isolated PostgresConnection) throws {
        try connection.query(
            """
            UPDATE inbox_events AS e
               SET state = v.state, refusals = v.refusals, last_error = v.error,
                   processed_at = CASE WHEN v.state = 'done' THEN now() END,
                   next_attempt_at = now() + v.pause * interval '1 millisecond'
              FROM unnest(
                       \(settlements.map(\.event.orgID))::uuid[], \(settlements.map(\.event.accountID))::uuid[],
                       \(settlements.map(\.event.key))::text[], \(settlements.map(\.event.attempts))::int[],
                       \(settlements.map(\.state))::inbox_state[], \(settlements.map(\.refusals))::int[],
                       \(settlements.map(\.error))::text[],
                       \(settlements.map { $0.pause.map { Int($0.milliseconds) } })::bigint[]
                   ) AS v (org_id, account_id, event_key, attempts, state, refusals, error, pause)
             WHERE e.org_id = v.org_id AND e.account_id = v.account_id AND e.event_key = v.event_key
               AND e.state = 'pending' AND (v.state = 'done' OR e.attempts = v.attempts)
            """
        )
    }

    /// Deletes at most 1,000 events of each organization that came before `time`.
    ///
    /// - Returns: how many were deleted of each, in the order of `orgs`.
    static func deleteOld(
        of orgs: [OrgID],
        before time: Timestamp,
        on connection: isolated PostgresConnection
    ) throws -> [Int] {
        try connection.pipeline(
            orgs.map { orgID in
                """
                WITH old AS (
                    SELECT account_id, event_key FROM inbox_events
                     WHERE org_id = \(orgID) AND received_at < \(time)
                     ORDER BY received_at
                     LIMIT 1000
                )
                DELETE FROM inbox_events AS e USING old
                 WHERE e.org_id = \(orgID) AND e.account_id = old.account_id AND e.event_key = old.event_key
                RETURNING 1 AS one
                """
            }
        ).map(\.count)
    }
}
