import InternalAPI
import Postgres
import Shared

extension QueueStore {
    /// What changed, for one pipeline: rows leave before others come, so that no lane has two heads in between.
    static func save(_ batch: QueueBatch) -> [SQL] {
        var statements: [SQL] = []
        if !batch.removedRows.isEmpty { statements.append(self.delete(batch.removedRows.sorted())) }
        let changed = batch.changedRows.compactMap { batch[$0] }
        let (heads, others) = (changed.filter(\.state.isHead), changed.filter { !$0.state.isHead })
        if !others.isEmpty { statements.append(self.upsert(others)) }
        if !heads.isEmpty { statements.append(self.upsert(heads)) }
        let led = batch.changedLanes.compactMap { batch.lanes[$0] }.filter { !$0.isLeaderless }
        if !led.isEmpty { statements.append(self.update(led)) }
        return statements
    }

    /// Gives each leaderless lane the first of those who wait, one statement for each: any number may wait in a lane, and
    /// only one row of it is read.
    static func promote(in batch: QueueBatch, now: (OrgID) -> Timestamp) -> [SQL] {
        batch.leaderless.compactMap { key in
            batch.lanes[key].map { self.promote(in: $0, now: now(key.orgID)) }
        }
    }

    /// The accounts whose messages became heads, and are due at once.
    static func promoted(in results: some Sequence<[Row]>) throws -> [DueAccount] {
        try results.joined().compactMap { row in
            guard try row.get("is_due", as: Bool.self) else { return nil }
            let key = AccountKey(orgID: try row.get("org_id"), accountID: try row.get("account_id"))
            return DueAccount(key, try row.get("class", as: Int.self) == 0 ? .otp : .ordinary)
        }
    }

    private static func delete(_ keys: [MessageKey]) -> SQL {
        """
        DELETE FROM outbox o
         USING unnest(\(keys.map(\.orgID))::uuid[], \(keys.map(\.id))::uuid[]) AS r (org_id, message_id)
         WHERE o.org_id = r.org_id AND o.message_id = r.message_id
        """
    }

    /// Adds new messages; what is due already is due now, by the database's clock, which also judges the claim.
    static func insert(_ rows: [QueueRow]) -> SQL {
        """
        INSERT INTO outbox (org_id, message_id, account_id, channel, class, conversation_id, expires_at, state, place, due_at)
        SELECT org_id, message_id, account_id, channel, class, conversation_id, expires_at, state, place,
               CASE WHEN state = 'scheduled' THEN due_at ELSE greatest(due_at, clock_timestamp()) END
          FROM unnest(
            \(rows.map(\.key.orgID))::uuid[], \(rows.map(\.key.id))::uuid[], \(rows.map(\.accountID))::uuid[],
            \(rows.map(\.channel))::channel[], \(rows.map(\.category.priority))::smallint[],
            \(rows.map(\.conversationID))::uuid[], \(rows.map(\.expiresAt))::timestamptz[],
            \(rows.map(\.state))::queue_state[], \(rows.map(\.place))::bigint[], \(rows.map(\.dueAt))::timestamptz[]
          ) AS r (org_id, message_id, account_id, channel, class, conversation_id, expires_at, state, place, due_at)
        """
    }

    static func upsert(_ rows: [QueueRow]) -> SQL {
        """
        INSERT INTO outbox AS o (org_id, message_id, account_id, channel, class, conversation_id, expires_at, state, place,
            due_at, hold_until, checks, failing_since, crashes, epoch, worker, incarnation)
        SELECT * FROM unnest(
            \(rows.map(\.key.orgID))::uuid[], \(rows.map(\.key.id))::uuid[], \(rows.map(\.accountID))::uuid[],
            \(rows.map(\.channel))::channel[], \(rows.map(\.category.priority))::smallint[],
            \(rows.map(\.conversationID))::uuid[], \(rows.map(\.expiresAt))::timestamptz[],
            \(rows.map(\.state))::queue_state[], \(rows.map(\.place))::bigint[], \(rows.map(\.dueAt))::timestamptz[],
            \(rows.map(\.holdUntil))::timestamptz[], \(rows.map(\.checks))::smallint[],
            \(rows.map(\.failingSince))::timestamptz[], \(rows.map(\.crashes))::smallint[], \(rows.map(\.epoch))::int[],
            \(rows.map(\.heldBy?.name))::text[], \(rows.map { $0.heldBy.map { Int($0.incarnation) } })::bigint[])
        ON CONFLICT (org_id, message_id) DO UPDATE SET
            state = EXCLUDED.state, place = EXCLUDED.place, due_at = EXCLUDED.due_at, hold_until = EXCLUDED.hold_until,
            checks = EXCLUDED.checks, failing_since = EXCLUDED.failing_since, crashes = EXCLUDED.crashes,
            expires_at = EXCLUDED.expires_at, epoch = EXCLUDED.epoch,
            worker = EXCLUDED.worker, incarnation = EXCLUDED.incarnation, lease_call = NULL, leased_at = NULL, lease_until = NULL
        """
    }

    private static func update(_ lanes: [Lane]) -> SQL {
        """
        UPDATE lanes l SET next_place = r.next_place, head = r.head, waiting = r.waiting, free_at = r.free_at
          FROM unnest(
            \(lanes.map(\.key.orgID))::uuid[], \(lanes.map(\.key.conversationID))::uuid[],
            \(lanes.map { $0.key.urgency == .otp })::boolean[], \(lanes.map(\.nextPlace))::bigint[],
            \(lanes.map(\.head))::uuid[], \(lanes.map(\.waiting))::int[], \(lanes.map(\.freeAt))::timestamptz[]
          ) AS r (org_id, conversation_id, urgent, next_place, head, waiting, free_at)
         WHERE l.org_id = r.org_id AND l.conversation_id = r.conversation_id AND l.urgent = r.urgent
        """
    }

    static func promote(in lane: Lane, now: Timestamp) -> SQL {
        let (orgID, conversationID) = (lane.key.orgID, lane.key.conversationID)
        let isUrgent = lane.key.urgency == .otp
        let dueAt = max(now, lane.freeAt ?? now)
        return """
            WITH next AS (
                UPDATE outbox SET state = 'ready', due_at = \(dueAt)
                 WHERE org_id = \(orgID) AND message_id = (
                    SELECT message_id FROM outbox
                     WHERE org_id = \(orgID) AND conversation_id = \(conversationID) AND urgent = \(isUrgent)
                       AND state = 'waiting'
                     ORDER BY place LIMIT 1)
                RETURNING org_id, message_id, account_id, class, due_at <= \(now) AS is_due
            ), led AS (
                UPDATE lanes SET
                    head = (SELECT message_id FROM next),
                    waiting = CASE WHEN EXISTS (SELECT FROM next) THEN \(lane.waiting - 1)::int ELSE 0 END,
                    next_place = \(lane.nextPlace), free_at = \(lane.freeAt)
                 WHERE org_id = \(orgID) AND conversation_id = \(conversationID) AND urgent = \(isUrgent)
            )
            SELECT org_id, account_id, class, is_due FROM next
            """
    }
}
