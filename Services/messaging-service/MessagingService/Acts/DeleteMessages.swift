import Postgres
import Shared
import Synchronization

/// Removes messages with their attempts and reports; the audit trail keeps that they were there.
struct DeleteMessages: Sendable {
    let postgres: PostgresPool
    let due: DueWork

    /// - Parameters:
    ///   - keys: at most `ChangeMessages.batch`.
    ///   - act: who does it.
    ///   - condition: what else a message must be; throws what it is not.
    /// - Throws: what the database throws.
    /// - Returns: one effect for each key, in their order.
    func callAsFunction(
        _ keys: [MessageKey],
        as act: Act,
        if condition: @escaping @Sendable (Settlement) throws(ActRefusal) -> Void = { _ throws(ActRefusal) in }
    ) async throws -> [ChangeMessages.Effect] {
        let dueAccounts = Mutex(Set<DueAccount>())
        let effects = try await self.postgres.answers(to: keys, orgID: \.orgID) { keys, connection in
            var messages = try SettlementStore.lock(Set(keys).sorted(), on: connection)
            let effects = keys.map { key in
                messages.change(key) { settlement, now throws(ActRefusal) in
                    try settlement.checkDeletable()
                    try condition(settlement)
                    // Whatever it was, it leaves its lane to the others.
                    settlement.leaveQueue()
                }
            }
            let due = try SettlementStore.save(messages, act: act, on: connection)
            dueAccounts.withLock { $0.formUnion(due) }
            try Self.remove(messages.changed.map(\.stored.key), on: connection)
            return effects
        }
        self.due.add(dueAccounts.withLock { $0 })
        return effects
    }

    private static func remove(_ keys: [MessageKey], on connection: isolated PostgresConnection) throws {
        guard !keys.isEmpty else { return }
        let (orgs, ids) = (keys.map(\.orgID), keys.map(\.id))
        try connection.pipeline([
            ActivityStore.delete(of: keys),
            """
            DELETE FROM provider_events e USING unnest(\(orgs)::uuid[], \(ids)::uuid[]) AS r (org_id, id)
             WHERE e.org_id = r.org_id AND e.message_id = r.id
            """,
            """
            DELETE FROM messages m USING unnest(\(orgs)::uuid[], \(ids)::uuid[]) AS r (org_id, id)
             WHERE m.org_id = r.org_id AND m.id = r.id
            """,
        ])
    }
}
