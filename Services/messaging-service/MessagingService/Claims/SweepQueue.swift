package import Postgres
import Shared

/// Does what is due without anybody asking: gives places, ends holds, and ends messages whose time is over.
package struct SweepQueue: Sendable {
    /// Of one account, when more are due at once than one transaction takes.
    static let share = 50

    /// Sees the outbox of every organization, and nothing but its ids and times.
    let engine: PostgresPool
    let change: ChangeMessages

    package init(engine: PostgresPool, change: ChangeMessages) {
        self.engine = engine
        self.change = change
    }

    /// Gives messages whose time has come their place in their lane.
    ///
    /// - Returns: whether there are more.
    @discardableResult
    package func placeDue() async throws -> Bool {
        let place: ChangeMessages.Change = { settlement, now throws(ActRefusal) in settlement.place(now: now) }
        guard try await self.sweep(Self.firstDue, place) == ChangeMessages.batch else { return false }
        // One organization's campaign must not hold up the few messages of another.
        try await self.sweep(Self.dueOfEachAccount, place)
        return true
    }

    static let firstDue: SQL = """
        SELECT org_id, message_id FROM outbox
         WHERE state = 'scheduled' AND place IS NULL AND due_at <= now() ORDER BY due_at LIMIT \(ChangeMessages.batch)::int
        """

    static let dueOfEachAccount: SQL = """
        SELECT due.org_id, due.message_id FROM account_flows f
         CROSS JOIN LATERAL (
            SELECT o.org_id, o.message_id FROM outbox o
             WHERE o.org_id = f.org_id AND o.account_id = f.account_id AND o.state = 'scheduled' AND o.due_at <= now()
             ORDER BY o.due_at LIMIT \(share)::int) AS due
         LIMIT \(10 * ChangeMessages.batch)::int
        """

    /// Ends the wait of uncertain messages that nobody has told us about: their policy decides.
    ///
    /// - Returns: whether there are more.
    @discardableResult
    package func releaseUncertain() async throws -> Bool {
        try await self.sweep(
            """
            SELECT org_id, message_id FROM outbox
             WHERE state = 'uncertain' AND hold_until <= now() ORDER BY hold_until LIMIT \(ChangeMessages.batch)::int
            """
        ) { settlement, now throws(ActRefusal) in settlement.release(now: now) } == ChangeMessages.batch
    }

    /// Ends messages whose `expires_at` passed before they left.
    ///
    /// - Returns: whether there are more.
    @discardableResult
    package func expire() async throws -> Bool {
        try await self.sweep(
            """
            SELECT org_id, message_id FROM outbox
             WHERE expires_at <= now() AND state IN ('scheduled', 'waiting', 'ready')
             ORDER BY expires_at LIMIT \(ChangeMessages.batch)::int
            """
        ) { settlement, now throws(ActRefusal) in settlement.expire(now: now) } == ChangeMessages.batch
    }

    /// - Returns: how many were found.
    @discardableResult
    private func sweep(_ sql: SQL, _ change: @escaping ChangeMessages.Change) async throws -> Int {
        let keys = try await self.engine.run { connection in
            try connection.query(sql).map { row in
                MessageKey(orgID: try row.get("org_id"), id: try row.get("message_id"))
            }
        }
        for start in stride(from: 0, to: keys.count, by: ChangeMessages.batch) {
            try await self.change.eachThatCan(
                Array(keys[start..<min(start + ChangeMessages.batch, keys.count)]),
                change
            )
        }
        return keys.count
    }
}
