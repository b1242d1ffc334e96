import InternalAPI
import Postgres
import Shared

/// The statements on `account_checks`: one row for each account that was ever checked.
enum CheckStore {
    /// How often a check is handed out whose worker does not answer.
    static let tries = 3

    /// What `StoredCheck` reads, of the table's alias `c`.
    static let columns: SQL = """
        c.id AS check_id, c.status::text AS check_status, c.code AS check_code, c.detail AS check_detail,
        c.asked_at AS check_asked_at, c.checked_at
        """

    /// Begins a check in the place of the last one; no row while that one is young and not answered.
    static func begin(_ id: ID<CredentialCheck>, of account: AccountKey, unlessAskedWithin young: Duration) -> SQL {
        """
        INSERT INTO account_checks AS c (org_id, account_id, id) VALUES (\(account.orgID), \(account.accountID), \(id))
        ON CONFLICT (org_id, account_id) DO UPDATE SET
            id = EXCLUDED.id, status = 'pending', code = NULL, detail = NULL, asked_at = EXCLUDED.asked_at,
            checked_at = NULL, taken_until = NULL, tries = 0
         WHERE c.status <> 'pending'
            OR c.asked_at < clock_timestamp() - \(Int(young.microseconds))::bigint * interval '1 microsecond'
        RETURNING \(self.columns)
        """
    }

    static func find(_ account: AccountKey) -> SQL {
        """
        SELECT \(self.columns) FROM account_checks c
         WHERE c.org_id = \(account.orgID) AND c.account_id = \(account.accountID)
        """
    }

    /// Those that a worker may have, of every organization; the engine's.
    static func waiting(atMost limit: Int) -> SQL {
        """
        SELECT org_id, account_id FROM account_checks
         WHERE status = 'pending' AND tries < \(self.tries)::smallint
           AND (taken_until IS NULL OR taken_until < clock_timestamp())
         ORDER BY asked_at LIMIT \(limit)::int
        """
    }

    /// Takes checks for a while; a row for each that nobody else took meanwhile.
    static func take(_ accounts: [AccountKey], for time: Duration) -> SQL {
        """
        UPDATE account_checks c SET
            tries = c.tries + 1::smallint,
            taken_until = clock_timestamp() + \(Int(time.microseconds))::bigint * interval '1 microsecond'
          FROM unnest(\(accounts.map(\.orgID))::uuid[], \(accounts.map(\.accountID))::uuid[]) AS r (org_id, account_id)
         WHERE c.org_id = r.org_id AND c.account_id = r.account_id AND c.status = 'pending'
           AND (c.taken_until IS NULL OR c.taken_until < clock_timestamp())
        RETURNING c.org_id, c.account_id, c.id
        """
    }

    /// Stores an answer, unless the check has one, or is over.
    static func end(_ finding: MessagingAPI.CheckFinding) -> SQL {
        """
        UPDATE account_checks SET
            status = \(finding.check.status.rawValue)::check_status, code = \(finding.check.code),
            detail = \(finding.check.detail), checked_at = clock_timestamp()
         WHERE org_id = \(finding.orgID) AND account_id = \(finding.accountID) AND id = \(finding.id)
           AND status = 'pending'
        """
    }

    /// What was found of other credentials says nothing of these.
    static func forget(_ account: AccountKey) -> SQL {
        "DELETE FROM account_checks WHERE org_id = \(account.orgID) AND account_id = \(account.accountID)"
    }
}
