import Postgres
import Shared

/// The statements on `inbox_events`, of one or several organizations; the scope must hold all of them.
enum InboxStore {
    /// Stores the events that are new; those in `taken` already belong to the request that brought them.
    ///
    /// What was erased is not new when it comes again.
    ///
    /// They are written in the order of their keys: two requests with the same events in another order then wait for each
    /// other, where else they could block each other.
    /// - Returns: when they arrived, of those that are new.
    static func insert(
        _ events: [NewInboxEvent],
        taking taken: Set<InboxKind>,
        for lease: Duration,
        on connection: isolated PostgresConnection
    ) throws -> [ID<InboxEvent>: Timestamp] {
        let rows = try connection.query(
            """
            INSERT INTO inbox_events (org_id, account_id, event_key, provider, id, request_id, kind, state, attempts,
                                      next_attempt_at, content, position)
            SELECT org_id, account_id, event_key, provider, id, request_id, kind, state, CASE WHEN taken THEN 1 ELSE 0 END,
                   CASE WHEN taken THEN now() + \(Int(lease.milliseconds)) * interval '1 millisecond'
                        WHEN state = 'pending' THEN now() END,
                   content, position
              FROM unnest(
                       \(events.map(\.orgID))::uuid[], \(events.map(\.accountID))::uuid[],
                       \(events.map(\.key))::text[], \(events.map(\.provider))::provider_kind[],
                       \(events.map(\.id))::uuid[], \(events.map(\.requestID))::uuid[],
                       \(events.map(\.kind))::inbox_kind[], \(events.map(\.state))::inbox_state[],
                       \(events.map { $0.state == .pending && taken.contains($0.kind) })::boolean[],
                       \(events.map(\.content))::text[]::jsonb[], \(events.map(\.position))::int[],
                       -- Of a key that is made here Postgres takes it that it may tell rows of others, and asks no index for it.
                       \(events.map { InboxErasureStore.erasedKey($0.key) })::text[]
                   ) AS new (org_id, account_id, event_key, provider, id, request_id, kind, state, taken, content, position,
                             erased_key)
             WHERE (SELECT e.id FROM inbox_events AS e
                     WHERE e.org_id = new.org_id AND e.account_id = new.account_id AND e.event_key = new.erased_key) IS NULL
             ORDER BY org_id, account_id, event_key
            ON CONFLICT (org_id, account_id, event_key) DO NOTHING
            RETURNING id, received_at
            """
        )
        return Dictionary(
            uniqueKeysWithValues: try rows.map {
                (try $0.get("id", as: ID<InboxEvent>.self), try $0.get("received_at", as: Timestamp.self))
            }
        )
    }

    /// The organizations that have due events of a kind, the one that waits longest first.
    static func due(
        _ kind: InboxKind,
        of orgs: [OrgID],
        on connection: isolated PostgresConnection
    ) throws -> [OrgID] {
        let rows = try connection.query(
            """
            SELECT org_id FROM inbox_events
             WHERE org_id = ANY (\(orgs)::uuid[]) AND kind = \(kind) AND state = 'pending' AND next_attempt_at <= now()
             GROUP BY org_id
             ORDER BY min(next_attempt_at)
            """
        )
        return try rows.map { try $0.get("org_id") }
    }

    /// Takes due events of each organization, in one round trip; nobody else gets them until the lease ends.
    static func claim(
        _ kind: InboxKind,
        atMost limit: Int,
        ofEach orgs: [OrgID],
        lease: Duration,
        on connection: isolated PostgresConnection
    ) throws -> [ClaimedEvent] {
        let results = try connection.pipeline(orgs.map { self.claim(kind, atMost: limit, of: $0, lease: lease) })
        return try results.joined().map { row in
            guard let provider = ProviderKind(rawValue: try row.get("provider")) else {
                throw PostgresError.decoding(column: "provider", type: "ProviderKind")
            }
            return ClaimedEvent(
                orgID: try row.get("org_id"),
                accountID: try row.get("account_id"),
                provider: provider,
                kind: kind,
                key: try row.get("event_key"),
                attempts: try row.get("attempts"),
                refusals: try row.get("refusals"),
                content: try row.get("content"),
                arrivedAt: try row.get("arrived_at")
            )
        }
    }

    /// One organization's part of it: no more is read than taken, however much is due.
    static func claim(_ kind: InboxKind, atMost limit: Int, of orgID: OrgID, lease: Duration) -> SQL {
        """
        WITH due AS (
            SELECT account_id, event_key FROM inbox_events
             WHERE org_id = \(orgID) AND kind = \(kind) AND state = 'pending' AND next_attempt_at <= now()
             ORDER BY next_attempt_at
             LIMIT \(limit)
               FOR UPDATE SKIP LOCKED
        )
        UPDATE inbox_events AS e
           SET attempts = attempts + 1,
               next_attempt_at = now() + \(Int(lease.milliseconds)) * interval '1 millisecond'
          FROM due
         WHERE e.org_id = \(orgID) AND e.account_id = due.account_id AND e.event_key = due.event_key
        RETURNING e.org_id, e.account_id, e.provider, e.event_key, e.attempts, e.refusals, e.content,
                  e.received_at + e.position * interval '1 microsecond' AS arrived_at
        """
    }

    /// Writes what became of events.
    ///
    /// Only `done` counts once someone else has taken the event: it is true whoever says it.
    static func settle(_ settlements: [Settlement]) -> SQL {
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
