import Postgres
import Shared

/// Does for one sandbox organization, by its own clock, what `SweepQueue` and `ProbeDueWork` do by the database's.
struct SweepSandbox: Sendable {
    let change: ChangeMessages

    /// - Returns: the accounts that have something to claim now.
    func sweep(_ orgID: OrgID) async throws -> [DueAccount] {
        while try await self.changeDue(of: orgID) == ChangeMessages.batch {}
        return try await self.change.postgres.transaction(for: [orgID]) { connection in
            try connection.query(
                """
                SELECT DISTINCT o.account_id, o.urgent
                  FROM (SELECT clock_timestamp() + clock_offset * interval '1 microsecond' AS now
                          FROM org_settings WHERE org_id = \(orgID)) AS clock
                  JOIN outbox o ON o.org_id = \(orgID) AND o.state = 'ready' AND o.due_at <= clock.now
                """
            ).map { row in
                let isUrgent: Bool = try row.get("urgent")
                return DueAccount(
                    AccountKey(orgID: orgID, accountID: try row.get("account_id")),
                    isUrgent ? .otp : .ordinary
                )
            }
        }
    }

    /// Gives places, ends holds and ends messages whose time is over: a batch of them.
    private func changeDue(of orgID: OrgID) async throws -> Int {
        let keys = try await self.change.postgres.transaction(for: [orgID]) { connection in
            try connection.query(
                """
                SELECT o.message_id
                  FROM (SELECT clock_timestamp() + clock_offset * interval '1 microsecond' AS now
                          FROM org_settings WHERE org_id = \(orgID)) AS clock
                  JOIN outbox o ON o.org_id = \(orgID)
                   AND ((o.state = 'scheduled' AND o.due_at <= clock.now)
                        OR (o.state = 'uncertain' AND o.hold_until <= clock.now)
                        OR (o.state IN ('scheduled', 'waiting', 'ready') AND o.expires_at <= clock.now))
                 ORDER BY o.due_at LIMIT \(ChangeMessages.batch)::int
                """
            ).map { MessageKey(orgID: orgID, id: try $0.get("message_id")) }
        }
        try await self.change(keys) { settlement, now throws(ActRefusal) in
            settlement.expire(now: now)
            guard settlement.status != .expired else { return }
            settlement.release(now: now)
            settlement.place(now: now)
        }
        return keys.count
    }
}
