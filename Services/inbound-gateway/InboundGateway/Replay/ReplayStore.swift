import Postgres
import Shared

/// The statements of one organization's replays, and of the lists from which it chooses.
struct ReplayStore: Sendable {
    let orgID: OrgID

    /// One page, the newest first: ids are made in the order of time.
    func list(
        _ filter: InboxFilter,
        before cursor: ID<InboxEvent>?,
        limit: Int,
        on connection: isolated PostgresConnection
    ) throws -> [InboxResource] {
        try connection.query(
            """
            SELECT \(InboxResource.columns) FROM inbox_events
             WHERE org_id = \(self.orgID) AND (\(cursor)::uuid IS NULL OR id < \(cursor)) AND \(filter.condition)
             ORDER BY id DESC LIMIT \(limit)::int
            """
        ).map { try InboxResource($0) }
    }

    /// - Returns: nil when this organization has no such event; the request is nil once it was forgotten.
    func find(
        _ id: ID<InboxEvent>,
        on connection: isolated PostgresConnection
    ) throws -> (event: InboxResource, request: StoredRequest?)? {
        guard
            let row = try connection.query(
                "SELECT \(InboxResource.columns) FROM inbox_events WHERE org_id = \(self.orgID) AND id = \(id)"
            ).first
        else { return nil }
        let requests = try self.requests([try row.get("request_id")], on: connection)
        return (try InboxResource(row), requests.first)
    }

    /// Ids and requests of events that may be passed on again, the oldest first, under their locks.
    func replayable(
        _ filter: InboxFilter,
        id: ID<InboxEvent>?,
        after cursor: ID<InboxEvent>?,
        limit: Int,
        on connection: isolated PostgresConnection
    ) throws -> [ReplayedEvent] {
        try connection.query(
            """
            SELECT id, account_id, request_id, event_key FROM inbox_events
             WHERE org_id = \(self.orgID) AND (\(cursor)::uuid IS NULL OR id > \(cursor))
               AND (\(id)::uuid IS NULL OR id = \(id)) AND \(filter.condition) AND erased_at IS NULL
             ORDER BY id LIMIT \(limit)::int FOR UPDATE
            """
        ).map { row in
            ReplayedEvent(
                id: try row.get("id"),
                accountID: try row.get("account_id"),
                requestID: try row.get("request_id"),
                key: try row.get("event_key")
            )
        }
    }

    func requests(
        _ ids: Set<ID<InboxRequest>>,
        on connection: isolated PostgresConnection
    ) throws -> [StoredRequest] {
        try connection.query(
            """
            SELECT \(StoredRequest.columns) FROM inbox_requests AS r
             WHERE org_id = \(self.orgID) AND id = ANY (\(Array(ids))::uuid[])
            """
        ).map { try StoredRequest($0) }
    }

    /// Makes events due at once, as this version reads them; nil leaves what was read before.
    func release(
        _ events: [(id: ID<InboxEvent>, reading: NewInboxEvent?)],
        on connection: isolated PostgresConnection
    ) throws {
        try connection.query(
            """
            UPDATE inbox_events AS e
               SET kind = coalesce(r.kind, e.kind), content = coalesce(r.content, e.content),
                   state = CASE WHEN coalesce(r.kind, e.kind) = 'other' THEN 'ignored' ELSE 'pending' END::inbox_state,
                   next_attempt_at = CASE WHEN coalesce(r.kind, e.kind) <> 'other' THEN now() END,
                   attempts = 0, refusals = 0, last_error = NULL, processed_at = NULL
              FROM unnest(
                       \(events.map(\.id))::uuid[], \(events.map { $0.reading?.kind })::inbox_kind[],
                       \(events.map { $0.reading?.content })::text[]::jsonb[]
                   ) AS r (id, kind, content)
             WHERE e.org_id = \(self.orgID) AND e.id = r.id
            """
        )
    }
}

/// An event that is to be passed on again.
struct ReplayedEvent: Sendable {
    let id: ID<InboxEvent>
    let accountID: AccountID
    let requestID: ID<InboxRequest>
    let key: String
}
