package import Postgres
import Shared

/// The statements that read messages for settlement and write what became of them; each takes a whole batch.
package enum SettlementStore {
    /// Locks messages until the end of the transaction, in the order of `keys`, and reads all that decides about them.
    ///
    /// The outbox and the attempts are read by statements of their own after the lock is held: the snapshot of the
    /// locking statement may be older than the lock. The outbox row is locked too, so that no claim moves its epoch on
    /// meanwhile; claims skip locked rows.
    package static func lock(
        _ keys: [MessageKey],
        on connection: isolated PostgresConnection
    ) throws(PostgresError) -> [MessageKey: Settlement] {
        let (orgs, ids) = (keys.map(\.orgID), keys.map(\.id))
        let results = try connection.pipeline([
            """
            SELECT m.org_id, m.id, m.account_id, m.channel, m.category, m.status, m.last_attempt, m.attempt_count,
                   m.retry_delays, m.expires_at, m.on_uncertain
              FROM unnest(\(orgs)::uuid[], \(ids)::uuid[]) AS k (org_id, id)
              JOIN messages m ON m.org_id = k.org_id AND m.id = k.id
             ORDER BY m.org_id, m.id
               FOR UPDATE OF m
            """,
            """
            SELECT o.org_id, o.message_id, o.epoch
              FROM unnest(\(orgs)::uuid[], \(ids)::uuid[]) AS k (org_id, id)
              JOIN outbox o ON o.org_id = k.org_id AND o.message_id = k.id
             ORDER BY o.org_id, o.message_id
               FOR UPDATE OF o
            """,
            """
            SELECT a.org_id, a.message_id, a.number, a.state, a.worker, a.started_at, a.ended_at,
                   a.provider_message_id, a.error_code, a.error_detail, a.error_class
              FROM unnest(\(orgs)::uuid[], \(ids)::uuid[]) AS k (org_id, id)
              JOIN attempts a ON a.org_id = k.org_id AND a.message_id = k.id
            """,
        ])
        var epochs: [MessageKey: Int] = [:]
        for row in results[1] {
            epochs[MessageKey(orgID: try row.get("org_id"), id: try row.get("message_id"))] = try row.get("epoch")
        }
        var attempts: [MessageKey: [Settlement.Attempt]] = [:]
        for row in results[2] {
            let key = MessageKey(orgID: try row.get("org_id"), id: try row.get("message_id"))
            attempts[key, default: []].append(try Settlement.Attempt(row))
        }
        var settlements: [MessageKey: Settlement] = [:]
        for row in results[0] {
            let key = MessageKey(orgID: try row.get("org_id"), id: try row.get("id"))
            let stored = try StoredMessage(row, epoch: epochs[key])
            settlements[key] = Settlement(stored, attempts: attempts[key] ?? [])
        }
        return settlements
    }

    /// Writes changed settlements: attempts, messages, outbox and audit, in one round trip.
    package static func save(
        _ settlements: [Settlement],
        hold: Duration,
        on connection: isolated PostgresConnection
    ) throws(PostgresError) {
        guard !settlements.isEmpty else { return }
        var statements = [Self.saveAttempts(of: settlements), Self.saveMessages(settlements)]
        statements += Self.saveQueue(settlements, hold: hold)
        statements += Self.saveAccounts(settlements)
        let audits = settlements.compactMap(AuditRecord.init(settled:))
        if !audits.isEmpty { statements.append(AuditStore.insert(audits)) }
        try connection.pipeline(statements)
    }

    private static func saveAttempts(of settlements: [Settlement]) -> SQL {
        let rows = settlements.flatMap { settlement in
            settlement.changedAttempts.sorted().compactMap { number in
                settlement.attempts[number].map { (message: settlement.stored, attempt: $0) }
            }
        }
        return """
            INSERT INTO attempts AS a (org_id, message_id, number, account_id, state, worker, started_at, ended_at,
                provider_message_id, error_code, error_detail, error_class, provider_response, retry_at)
            SELECT org_id, message_id, number, account_id, state, worker, started_at, ended_at, provider_message_id,
                   error_code, error_detail, error_class, provider_response,
                   clock_timestamp() + retry_after * interval '1 microsecond'
              FROM unnest(
                \(rows.map(\.message.orgID))::uuid[], \(rows.map(\.message.id))::uuid[],
                \(rows.map(\.attempt.number))::int[], \(rows.map(\.message.accountID))::uuid[],
                \(rows.map(\.attempt.state))::attempt_state[], \(rows.map(\.attempt.worker))::text[],
                \(rows.map(\.attempt.startedAt))::timestamptz[], \(rows.map(\.attempt.endedAt))::timestamptz[],
                \(rows.map(\.attempt.providerMessageID))::text[], \(rows.map(\.attempt.error?.code))::text[],
                \(rows.map(\.attempt.error?.detail))::text[], \(rows.map(\.attempt.failureClass))::failure_class[],
                \(rows.map(\.attempt.error?.response))::text[],
                \(rows.map { $0.attempt.retryAfter.map { Int($0.microseconds) } })::bigint[]
              ) AS r (org_id, message_id, number, account_id, state, worker, started_at, ended_at,
                      provider_message_id, error_code, error_detail, error_class, provider_response, retry_after)
            ON CONFLICT (org_id, message_id, number) DO UPDATE SET
                state = EXCLUDED.state,
                worker = coalesce(EXCLUDED.worker, a.worker),
                started_at = coalesce(EXCLUDED.started_at, a.started_at),
                ended_at = coalesce(EXCLUDED.ended_at, a.ended_at),
                provider_message_id = coalesce(EXCLUDED.provider_message_id, a.provider_message_id),
                error_code = coalesce(EXCLUDED.error_code, a.error_code),
                error_detail = coalesce(EXCLUDED.error_detail, a.error_detail),
                error_class = coalesce(EXCLUDED.error_class, a.error_class),
                provider_response = coalesce(EXCLUDED.provider_response, a.provider_response),
                retry_at = coalesce(EXCLUDED.retry_at, a.retry_at)
            """
    }

    private static func saveMessages(_ settlements: [Settlement]) -> SQL {
        """
        UPDATE messages m SET
            status = r.status,
            attempt_count = r.attempt_count,
            last_attempt = r.last_attempt,
            provider_message_id = coalesce(m.provider_message_id, r.provider_message_id),
            error_code = r.error_code,
            error_detail = r.error_detail,
            error_class = r.error_class,
            next_attempt_at = CASE WHEN r.retry_after IS NULL THEN NULL
                ELSE least(clock_timestamp() + r.retry_after * interval '1 microsecond', m.expires_at) END,
            -- Whoever read it had it delivered, and whoever had it delivered was sent it.
            sent_at = coalesce(m.sent_at, r.sent_at, r.delivered_at, r.read_at),
            delivered_at = coalesce(m.delivered_at, r.delivered_at, r.read_at),
            read_at = coalesce(m.read_at, r.read_at),
            failed_at = CASE WHEN r.status = 'failed' THEN coalesce(r.failed_at, m.failed_at) ELSE m.failed_at END,
            updated_at = clock_timestamp()
          FROM unnest(
            \(settlements.map(\.stored.orgID))::uuid[], \(settlements.map(\.stored.id))::uuid[],
            \(settlements.map(\.status))::message_status[], \(settlements.map(\.attemptCount))::int[],
            \(settlements.map(\.latestAttempt))::int[], \(settlements.map(\.providerMessageID))::text[],
            \(settlements.map { $0.shownError?.0.code })::text[],
            \(settlements.map { $0.shownError?.0.detail })::text[],
            \(settlements.map { $0.shownError?.1 })::failure_class[], \(settlements.map(\.retryMicroseconds))::bigint[],
            \(settlements.map { $0.times[.sent] })::timestamptz[],
            \(settlements.map { $0.times[.delivered] })::timestamptz[],
            \(settlements.map { $0.times[.read] })::timestamptz[],
            \(settlements.map { $0.times[.failed] })::timestamptz[]
          ) AS r (org_id, id, status, attempt_count, last_attempt, provider_message_id, error_code, error_detail,
                  error_class, retry_after, sent_at, delivered_at, read_at, failed_at)
         WHERE m.org_id = r.org_id AND m.id = r.id
        """
    }
}

extension Settlement {
    /// A message that is on its way, or arrived, shows no error.
    fileprivate var shownError: (ProviderError, FailureClass)? {
        switch self.status {
        case .sent, .delivered, .read: nil
        case .scheduled, .queued, .sending, .uncertain, .failed, .skipped, .cancelled, .expired: self.error
        }
    }

    fileprivate var retryMicroseconds: Int? {
        guard case .requeue(let wait) = self.queueChange else { return nil }
        return Int(wait.microseconds)
    }
}
