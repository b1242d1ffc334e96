import Postgres
import Shared

/// The statements that read messages for settlement and write what became of them; each takes a whole batch.
enum SettlementStore {
    /// Locks messages, their lanes and their rows of the queue until the end of the transaction, each in the order of keys,
    /// and reads all that decides about them.
    ///
    /// What is read is read by statements of their own after the locks are held: the snapshot of the locking statement may be
    /// older than the lock.
    static func lock(_ keys: [MessageKey], on connection: isolated PostgresConnection) throws -> LockedMessages {
        let (orgs, ids) = (keys.map(\.orgID), keys.map(\.id))
        let results = try connection.pipeline([
            """
            SELECT m.org_id, m.id, m.account_id, m.conversation_id, m.channel, m.category, m.status, m.last_attempt,
                   m.attempt_count, m.retry_delays, m.scheduled_at, m.expires_at, m.on_uncertain,
                   m.error_code, m.error_detail, m.error_class, a.provider
              FROM unnest(\(orgs)::uuid[], \(ids)::uuid[]) AS k (org_id, id)
              JOIN messages m ON m.org_id = k.org_id AND m.id = k.id
              JOIN channel_accounts a ON a.org_id = m.org_id AND a.id = m.account_id
             ORDER BY m.org_id, m.id
               FOR UPDATE OF m
            """,
            QueueStore.lockLanes(of: keys),
            QueueStore.lockRows(of: keys),
            """
            SELECT a.org_id, a.message_id, a.number, a.state, a.worker, a.started_at, a.ended_at,
                   a.provider_message_id, a.error_code, a.error_detail, a.error_class, a.retry_at
              FROM unnest(\(orgs)::uuid[], \(ids)::uuid[]) AS k (org_id, id)
              JOIN attempts a ON a.org_id = k.org_id AND a.message_id = k.id
            """,
            """
            SELECT f.* FROM (
                SELECT DISTINCT m.org_id, m.account_id FROM unnest(\(orgs)::uuid[], \(ids)::uuid[]) AS k (org_id, id)
                  JOIN messages m ON m.org_id = k.org_id AND m.id = k.id) AS a
              JOIN account_flows f ON f.org_id = a.org_id AND f.account_id = a.account_id
            """,
            OrgClocks.read(Array(Set(orgs))),
        ])
        let queue = QueueBatch(
            rows: try QueueStore.rows(in: results[2]),
            lanes: try QueueStore.lanes(in: results[1])
        )
        var attempts: [MessageKey: [Settlement.Attempt]] = [:]
        for row in results[3] {
            let key = MessageKey(orgID: try row.get("org_id"), id: try row.get("message_id"))
            attempts[key, default: []].append(try Settlement.Attempt(row))
        }
        var settlements: [MessageKey: Settlement] = [:]
        for row in results[0] {
            let key = MessageKey(orgID: try row.get("org_id"), id: try row.get("id"))
            let stored = try StoredMessage(row, queueRow: queue[key])
            settlements[key] = Settlement(stored, attempts: attempts[key] ?? [])
        }
        return LockedMessages(
            settlements: settlements,
            queue: queue,
            flows: try FlowStore.flows(in: results[4]),
            clock: try OrgClocks(results[5])
        )
    }

    /// Writes what changed: attempts, messages, queue, flows, dead letters and audit; usually in one round trip.
    ///
    /// - Returns: the accounts that have something to claim now.
    static func save(
        _ messages: LockedMessages,
        news: [AccountKey: AccountFlow.News] = [:],
        act: Act? = nil,
        on connection: isolated PostgresConnection
    ) throws -> Set<DueAccount> {
        var messages = messages
        messages.queue.add(try QueueStore.makeLanes(messages.missingLanes, on: connection))
        messages.makeMoves()
        let changed = messages.changed
        let flows = try self.hear(news, of: messages, on: connection)
        // What was only locked was passed over by claims meanwhile.
        let due = Set(messages.queue.due(at: messages.clock.now(of:))).union(flows.changed.flatMap(\.dueAccounts))
        guard !changed.isEmpty || !flows.changed.isEmpty else { return due }
        var statements: [SQL] = []
        if !changed.isEmpty {
            statements += [
                self.saveAttempts(of: changed, clock: messages.clock), self.saveMessages(changed, in: messages),
            ]
            statements += DeadLetterStore.save(changed, clock: messages.clock)
            statements += QueueStore.save(messages.queue)
        }
        if !flows.changed.isEmpty { statements.append(FlowStore.save(flows.changed)) }
        let audits = changed.compactMap { AuditRecord(settled: $0, act: act) } + flows.audits
        if !audits.isEmpty { statements.append(AuditStore.insert(audits.map { $0.dated(by: messages.clock) })) }
        let promotions = QueueStore.promote(in: messages.queue, now: messages.clock.now(of:))
        let results = try connection.pipeline(statements + promotions)
        return due.union(try QueueStore.promoted(in: results.suffix(promotions.count)))
    }

    /// Tells the flows of accounts what was learned; those that nothing troubles are not even locked.
    private static func hear(
        _ news: [AccountKey: AccountFlow.News],
        of messages: LockedMessages,
        on connection: isolated PostgresConnection
    ) throws -> (changed: [AccountFlow], audits: [AuditRecord]) {
        let concerned = news.filter { account, news in
            news.isTrouble || !(messages.flows[account]?.isUntroubled ?? true)
        }
        guard !concerned.isEmpty else { return ([], []) }
        let locked = try FlowStore.flows(in: try connection.query(FlowStore.lock(concerned.keys.sorted())))
        var audits: [AuditRecord] = []
        let changed = concerned.keys.sorted().compactMap { account -> AccountFlow? in
            guard var flow = locked[account], let news = concerned[account] else { return nil }
            let now = messages.clock.now(of: account.orgID)
            let change = flow.hear(news, now: now, jitter: .random(in: 1...1.2))
            if let change { audits.append(AuditRecord(change, of: account)) }
            return flow == locked[account] ? nil : flow
        }
        return (changed, audits)
    }

    private static func saveAttempts(of settlements: [Settlement], clock: OrgClocks) -> SQL {
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
                \(rows.map(\.attempt.providerMessageID))::text[], \(rows.map(\.attempt.error?.code))::text[],
                \(rows.map(\.attempt.error?.detail))::text[], \(rows.map(\.attempt.failureClass))::failure_class[],
                \(rows.map(\.attempt.error?.response))::text[],
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
                error_code = coalesce(EXCLUDED.error_code, a.error_code),
                error_detail = coalesce(EXCLUDED.error_detail, a.error_detail),
                error_class = coalesce(EXCLUDED.error_class, a.error_class),
                provider_response = coalesce(EXCLUDED.provider_response, a.provider_response),
                retry_at = coalesce(EXCLUDED.retry_at, a.retry_at),
                stepped_aside = EXCLUDED.stepped_aside OR a.stepped_aside
            """
    }

    private static func saveMessages(_ settlements: [Settlement], in messages: LockedMessages) -> SQL {
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
            -- Whoever read it had it delivered, and whoever had it delivered was sent it.
            sent_at = coalesce(m.sent_at, r.sent_at, r.delivered_at, r.read_at),
            delivered_at = coalesce(m.delivered_at, r.delivered_at, r.read_at),
            read_at = coalesce(m.read_at, r.read_at),
            failed_at = CASE WHEN r.status = 'failed' THEN coalesce(r.failed_at, m.failed_at) ELSE m.failed_at END,
            updated_at = r.now
          FROM unnest(
            \(settlements.map(\.stored.orgID))::uuid[], \(settlements.map(\.stored.id))::uuid[],
            \(settlements.map(\.status))::message_status[], \(settlements.map(\.attemptCount))::int[],
            \(settlements.map(\.latestAttempt))::int[], \(settlements.map(\.providerMessageID))::text[],
            \(settlements.map { $0.shownError?.0.code })::text[],
            \(settlements.map { $0.shownError?.0.detail })::text[],
            \(settlements.map { $0.shownError?.1 })::failure_class[],
            \(settlements.map { messages.nextAttempt(of: $0) })::timestamptz[],
            \(settlements.map { $0.times[.sent] })::timestamptz[],
            \(settlements.map { $0.times[.delivered] })::timestamptz[],
            \(settlements.map { $0.times[.read] })::timestamptz[],
            \(settlements.map { $0.times[.failed] })::timestamptz[],
            \(settlements.map { messages.clock.now(of: $0.stored.orgID) })::timestamptz[]
          ) AS r (org_id, id, status, attempt_count, last_attempt, provider_message_id, error_code, error_detail,
                  error_class, next_attempt_at, sent_at, delivered_at, read_at, failed_at, now)
         WHERE m.org_id = r.org_id AND m.id = r.id
        """
    }
}

extension AccountFlow {
    /// An account whose gate was opened may have anything to claim.
    fileprivate var dueAccounts: [DueAccount] {
        switch self.gate {
        case .open, .recovering: Urgency.allCases.map { DueAccount(self.account, $0) }
        case .parked, .outage: []
        }
    }
}

extension AuditRecord {
    /// The same with the time by its organization's clock, if that is ahead.
    fileprivate func dated(by clock: OrgClocks) -> AuditRecord {
        guard clock.offset(of: self.orgID) > .zero else { return self }
        var record = self
        record.at = clock.now(of: self.orgID)
        return record
    }
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
