import Postgres
import Shared

/// The statements that write attempts and messages as they became.
extension SettlementStore {
    static func saveAttempts(of settlements: [Settlement], clock: OrgClocks) -> SQL {
        let rows = settlements.flatMap { settlement in
            settlement.changedAttempts.sorted().compactMap { number in
                settlement.attempts[number].map { (message: settlement.stored, attempt: $0) }
            }
        }
        return """
            INSERT INTO attempts AS a (org_id, message_id, number, account_id, state, worker, started_at, ended_at,
                provider_message_id, error_code, error_detail, error_class, provider_response, retry_at, stepped_aside,
                recorded_at)
            SELECT org_id, message_id, number, account_id, state, worker, started_at, ended_at, provider_message_id,
                   error_code, error_detail, error_class, provider_response, retry_at, stepped_aside, recorded_at
              FROM unnest(
                \(rows.map(\.message.orgID))::uuid[], \(rows.map(\.message.id))::uuid[],
                \(rows.map(\.attempt.number))::int[], \(rows.map(\.message.accountID))::uuid[],
                \(rows.map(\.attempt.state))::attempt_state[], \(rows.map(\.attempt.worker))::text[],
                \(rows.map(\.attempt.startedAt))::timestamptz[], \(rows.map(\.attempt.endedAt))::timestamptz[],
                \(rows.map { $0.message.kept($0.attempt.providerMessageID) })::text[],
                \(rows.map(\.attempt.error?.code))::text[],
                \(rows.map { $0.message.kept($0.attempt.error?.detail) })::text[],
                \(rows.map(\.attempt.failureClass))::failure_class[],
                \(rows.map { $0.message.kept($0.attempt.error?.response) })::text[],
                \(rows.map(\.attempt.retryAt))::timestamptz[], \(rows.map(\.attempt.steppedAside))::boolean[],
                \(rows.map { clock.now(of: $0.message.orgID) })::timestamptz[]
              ) AS r (org_id, message_id, number, account_id, state, worker, started_at, ended_at,
                      provider_message_id, error_code, error_detail, error_class, provider_response, retry_at,
                      stepped_aside, recorded_at)
            ON CONFLICT (org_id, message_id, number) DO UPDATE SET
                state = EXCLUDED.state,
                worker = coalesce(EXCLUDED.worker, a.worker),
                started_at = coalesce(EXCLUDED.started_at, a.started_at),
                ended_at = coalesce(EXCLUDED.ended_at, a.ended_at),
                provider_message_id = coalesce(EXCLUDED.provider_message_id, a.provider_message_id),
                error_code = EXCLUDED.error_code, error_detail = EXCLUDED.error_detail, error_class = EXCLUDED.error_class,
                provider_response = coalesce(EXCLUDED.provider_response, a.provider_response),
                retry_at = coalesce(EXCLUDED.retry_at, a.retry_at),
                stepped_aside = EXCLUDED.stepped_aside OR a.stepped_aside
            """
    }

    static func saveMessages(_ settlements: [Settlement], in messages: LockedMessages) -> SQL {
        """
        UPDATE messages m SET
            status = r.status,
            attempt_count = r.attempt_count,
            last_attempt = r.last_attempt,
            provider_message_id = coalesce(m.provider_message_id, r.provider_message_id),
            error_code = r.error_code,
            error_detail = r.error_detail,
            error_class = r.error_class,
            next_attempt_at = CASE WHEN r.next_attempt_at IS NOT NULL THEN least(r.next_attempt_at, m.expires_at) END,
            queued_at = CASE WHEN r.status = 'queued' THEN coalesce(m.queued_at, r.now) ELSE m.queued_at END,
            sent_at = r.sent_at, delivered_at = r.delivered_at, read_at = r.read_at,
            -- Like the error: what is on its way, or arrived, shows none.
            failed_at = CASE WHEN r.status NOT IN ('sent', 'delivered', 'read') THEN coalesce(r.failed_at, m.failed_at) END,
            updated_at = r.now
          FROM unnest(
            \(settlements.map(\.stored.orgID))::uuid[], \(settlements.map(\.stored.id))::uuid[],
            \(settlements.map(\.status))::message_status[], \(settlements.map(\.attemptCount))::int[],
            \(settlements.map(\.latestAttempt))::int[],
            \(settlements.map { $0.stored.kept($0.providerMessageID) })::text[],
            \(settlements.map { $0.shownError?.0.code })::text[],
            \(settlements.map { $0.stored.kept($0.shownError?.0.detail) })::text[],
            \(settlements.map { $0.shownError?.1 })::failure_class[],
            \(settlements.map { messages.nextAttempt(of: $0) })::timestamptz[],
            \(settlements.map(\.moments.sentAt))::timestamptz[], \(settlements.map(\.moments.deliveredAt))::timestamptz[],
            \(settlements.map(\.moments.readAt))::timestamptz[], \(settlements.map(\.failedAt))::timestamptz[],
            \(settlements.map { messages.clock.now(of: $0.stored.orgID) })::timestamptz[]
          ) AS r (org_id, id, status, attempt_count, last_attempt, provider_message_id, error_code, error_detail,
                  error_class, next_attempt_at, sent_at, delivered_at, read_at, failed_at, now)
         WHERE m.org_id = r.org_id AND m.id = r.id
        """
    }
}

extension StoredMessage {
    /// What a provider said, unless that is not to be kept any more.
    fileprivate func kept(_ text: String?) -> String? { self.isErased ? nil : text }
}

extension LockedMessages {
    /// When the message will be tried again; nil when nothing is planned.
    fileprivate func nextAttempt(of settlement: Settlement) -> Timestamp? {
        guard let row = self.queue[settlement.stored.key] else { return nil }
        switch row.state {
        case .scheduled, .waiting, .ready: return row.dueAt
        case .leased, .uncertain, .held: return nil
        }
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
}
