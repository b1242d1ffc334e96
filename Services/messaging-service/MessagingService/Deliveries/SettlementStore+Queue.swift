import Postgres
import Shared

extension SettlementStore {
    /// Takes settled messages out of the outbox, and puts the others where they wait.
    ///
    /// A row whose epoch has moved on belongs to a later lease, and stays as it is.
    static func saveQueue(_ settlements: [Settlement], hold: Duration) -> [SQL] {
        let removed = settlements.filter { $0.queueChange == .remove && $0.stored.epoch != nil }
        let waiting = settlements.compactMap { settlement in
            settlement.queueChange.flatMap { WaitingRow(settlement, change: $0, hold: hold) }
        }
        var statements: [SQL] = []
        if !removed.isEmpty {
            statements.append(
                """
                DELETE FROM outbox o
                 USING unnest(\(removed.map(\.stored.orgID))::uuid[], \(removed.map(\.stored.id))::uuid[])
                    AS r (org_id, message_id)
                 WHERE o.org_id = r.org_id AND o.message_id = r.message_id
                """
            )
        }
        if !waiting.isEmpty {
            statements.append(
                """
                INSERT INTO outbox AS o (org_id, message_id, account_id, class, due_at, state, epoch)
                SELECT org_id, message_id, account_id, class,
                       least(clock_timestamp() + wait * interval '1 microsecond', expires_at), state, epoch
                  FROM unnest(
                    \(waiting.map(\.message.orgID))::uuid[], \(waiting.map(\.message.id))::uuid[],
                    \(waiting.map(\.message.accountID))::uuid[], \(waiting.map(\.message.category.priority))::smallint[],
                    \(waiting.map { Int($0.wait.microseconds) })::bigint[],
                    \(waiting.map(\.message.expiresAt))::timestamptz[], \(waiting.map(\.state))::outbox_state[],
                    \(waiting.map(\.epoch))::int[]
                  ) AS r (org_id, message_id, account_id, class, wait, expires_at, state, epoch)
                ON CONFLICT (org_id, message_id) DO UPDATE SET
                    due_at = EXCLUDED.due_at, state = EXCLUDED.state,
                    worker = NULL, incarnation = NULL, leased_at = NULL, lease_until = NULL
                 WHERE o.epoch = EXCLUDED.epoch
                """
            )
        }
        return statements
    }

    /// Blocks accounts that their provider refused, and frees those that it accepted again.
    static func saveAccounts(_ settlements: [Settlement]) -> [SQL] {
        let blocked = settlements.compactMap { settlement in
            settlement.accountBlock.map { (message: settlement.stored, error: $0) }
        }
        let freed = settlements.filter { $0.accountBlock == nil && $0.status == .sent }
        var statements: [SQL] = []
        if !freed.isEmpty {
            statements.append(
                """
                UPDATE channel_accounts a SET blocked_until = NULL, blocked_reason = NULL, block_count = 0
                  FROM (SELECT DISTINCT org_id, id FROM unnest(
                    \(freed.map(\.stored.orgID))::uuid[], \(freed.map(\.stored.accountID))::uuid[]) AS u (org_id, id)) AS r
                 WHERE a.org_id = r.org_id AND a.id = r.id AND a.block_count > 0
                """
            )
        }
        if !blocked.isEmpty {
            statements.append(
                """
                UPDATE channel_accounts a SET
                    blocked_until = clock_timestamp() + least(
                        \(Int(BlockedAccount.firstWait.microseconds))::bigint * interval '1 microsecond' * power(2, a.block_count),
                        \(Int(BlockedAccount.longestWait.microseconds))::bigint * interval '1 microsecond'
                    ),
                    blocked_reason = r.reason,
                    block_count = least(a.block_count + 1, 20),
                    updated_at = clock_timestamp()
                  FROM (SELECT DISTINCT ON (org_id, id) org_id, id, reason FROM unnest(
                    \(blocked.map(\.message.orgID))::uuid[], \(blocked.map(\.message.accountID))::uuid[],
                    \(blocked.map { "\($0.error.code): \($0.error.detail)" })::text[]) AS u (org_id, id, reason)) AS r
                 WHERE a.org_id = r.org_id AND a.id = r.id
                   AND (a.blocked_until IS NULL OR a.blocked_until <= clock_timestamp())
                """
            )
        }
        return statements
    }
}

/// A message that stays in the outbox, or returns to it.
private struct WaitingRow {
    let message: StoredMessage
    let wait: Duration
    let state: String
    let epoch: Int

    init?(_ settlement: Settlement, change: Settlement.QueueChange, hold: Duration) {
        switch change {
        case .remove: return nil
        case .requeue(let wait): (self.wait, self.state) = (wait, "queued")
        case .hold: (self.wait, self.state) = (hold, "uncertain")
        }
        self.message = settlement.stored
        self.epoch = settlement.latestAttempt
    }
}

extension StoredMessage {
    init(_ row: Row, epoch: Int?) throws(PostgresError) {
        let delays: [Int] = try row.get("retry_delays")
        self.init(
            orgID: try row.get("org_id"),
            id: try row.get("id"),
            accountID: try row.get("account_id"),
            channel: try row.get("channel"),
            category: try row.get("category"),
            status: try row.get("status"),
            lastAttempt: try row.get("last_attempt"),
            attemptCount: try row.get("attempt_count"),
            retryPolicy: RetryPolicy(delays: delays.map { .milliseconds($0) }),
            expiresAt: try row.getIfPresent("expires_at"),
            onUncertain: try row.get("on_uncertain"),
            epoch: epoch
        )
    }
}

extension Settlement.Attempt {
    init(_ row: Row) throws(PostgresError) {
        let code: String? = try row.getIfPresent("error_code")
        let detail: String? = try row.getIfPresent("error_detail")
        self.init(
            number: try row.get("number"),
            state: try row.get("state"),
            worker: try row.getIfPresent("worker"),
            startedAt: try row.getIfPresent("started_at"),
            endedAt: try row.getIfPresent("ended_at"),
            providerMessageID: try row.getIfPresent("provider_message_id"),
            error: code.map { ProviderError(code: $0, detail: detail ?? "") },
            failureClass: try row.getIfPresent("error_class")
        )
    }
}
