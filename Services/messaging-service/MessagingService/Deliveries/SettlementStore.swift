import AuditTrail
import Postgres
import Shared

/// The statements that read messages for settlement and write what became of them; each takes a whole batch.
enum SettlementStore {
    /// Locks messages, their lanes and their rows of the queue until the end of the transaction, each in the order of keys,
    /// and reads all that decides about them.
    ///
    /// What is read is read by statements of their own after the locks are held: the snapshot of the locking statement may be
    /// older than the lock.
    ///
    /// - Parameters:
    ///   - keys: in their order.
    ///   - events: those that may bring provider's ids, of which reports have come already.
    ///   - connection: in a transaction.
    /// - Throws: what the database throws.
    /// - Returns: those that are there.
    static func lock(
        _ keys: [MessageKey],
        for events: [AttemptEvent] = [],
        on connection: isolated PostgresConnection
    ) throws -> LockedMessages {
        let (orgs, ids) = (keys.map(\.orgID), keys.map(\.id))
        let naming = events.filter { $0.event.providerMessageID != nil }
        let results = try connection.pipeline(
            [
                """
                SELECT m.org_id, m.id, m.account_id, m.conversation_id, m.channel, m.category, m.direction, m.status,
                       m.sent_at, m.delivered_at, m.read_at, m.last_attempt, m.attempt_count, m.retry_delays, m.scheduled_at, m.expires_at, m.on_uncertain,
                       m.error_code, m.error_detail, m.error_class, m.erased_at IS NOT NULL AS is_erased, m.trace_parent,
                       a.provider
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
            ] + (naming.isEmpty ? [] : [ProviderEventStore.waiting(for: naming)])
        )
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
            clock: try OrgClocks(results[5]),
            reports: try results.dropFirst(6).joined().map { try MatchedReport($0) }
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
                self.saveAttempts(of: changed, clock: messages.clock),
                self.saveMessages(changed, in: messages),
            ]
            statements += DeadLetterStore.save(changed, clock: messages.clock)
            statements += QueueStore.save(messages.queue)
            if let unsent = UnsentStore.note(changed) { statements.append(unsent) }
            if let bounced = BounceStore.note(changed) { statements.append(bounced) }
        }
        if !flows.changed.isEmpty { statements.append(FlowStore.save(flows.changed)) }
        let audits = changed.compactMap { AuditRecord(settled: $0, act: act) } + flows.audits
        let activities = changed.flatMap(\.activities).map { $0.by(act) }
        if !activities.isEmpty { statements.append(ActivityStore.insert(activities)) }
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

extension Activity {
    /// The same as an act of whoever made it happen.
    fileprivate func by(_ act: Act?) -> Activity {
        guard let act else { return self }
        var activity = self
        activity.actor = act.actor
        return activity
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
