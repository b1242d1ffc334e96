import Postgres
import Shared

/// The statements on the table `dead_letters`: which messages failed, so that they are found without reading all others.
enum DeadLetterStore {
    /// Notes the messages that failed, and forgets those that no longer have.
    static func save(_ settlements: [Settlement], clock: OrgClocks) -> [SQL] {
        let failed = settlements.filter { $0.status == .failed }
        let revived = settlements.filter { $0.stored.status == .failed && $0.status != .failed }
        var statements: [SQL] = []
        if !failed.isEmpty {
            statements.append(
                """
                INSERT INTO dead_letters (org_id, message_id, account_id, failed_at)
                SELECT * FROM unnest(
                    \(failed.map(\.stored.orgID))::uuid[], \(failed.map(\.stored.id))::uuid[],
                    \(failed.map(\.stored.accountID))::uuid[],
                    \(failed.map { $0.failedAt ?? clock.now(of: $0.stored.orgID) })::timestamptz[])
                ON CONFLICT (org_id, message_id) DO NOTHING
                """
            )
        }
        if !revived.isEmpty {
            statements.append(
                """
                DELETE FROM dead_letters d
                 USING unnest(\(revived.map(\.stored.orgID))::uuid[], \(revived.map(\.stored.id))::uuid[])
                    AS r (org_id, message_id)
                 WHERE d.org_id = r.org_id AND d.message_id = r.message_id
                """
            )
        }
        return statements
    }
}
