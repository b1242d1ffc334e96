package import Postgres
import Secrets
import Shared

/// A column that holds a sealed secret of each channel account.
package struct SealedColumn: Sendable {
    let table: SQL
    /// The column with the account's id.
    let accountID: SQL
    let column: SQL
    /// As the places of its secrets name it.
    let name: String

    package init(table: SQL, accountID: SQL, column: SQL, name: String) {
        self.table = table
        self.accountID = accountID
        self.column = column
        self.name = name
    }

    func place(of account: SealedRow) -> SecretBox.Place {
        SecretBox.Place(orgID: account.orgID, column: self.name, row: account.accountID.description)
    }
}

/// One secret as it is stored.
struct SealedRow: Sendable {
    let orgID: OrgID
    let accountID: AccountID
    let sealed: [UInt8]
}

/// The statements that find secrets which another key sealed, and put new ones in their places.
struct SealedStore: Sendable {
    let column: SealedColumn

    /// Accounts of whichever organization, by the directory of ids, which lies outside row-level security.
    func accounts(after last: AccountID?, limit: Int) -> SQL {
        """
        SELECT account_id, org_id FROM account_directory
         WHERE (\(last)::uuid IS NULL OR account_id > \(last)) ORDER BY account_id LIMIT \(limit)::int
        """
    }

    /// Those of `accounts` whose secret does not begin with `header`, locked.
    func sealed(_ accounts: [SealedAccount], otherThan header: [UInt8]) -> SQL {
        """
        SELECT t.org_id, t.\(self.column.accountID) AS account_id, t.\(self.column.column) AS sealed
          FROM \(self.column.table) t
          JOIN unnest(\(accounts.map(\.orgID))::uuid[], \(accounts.map(\.accountID))::uuid[]) AS r (org_id, id)
            ON t.org_id = r.org_id AND t.\(self.column.accountID) = r.id
         WHERE substr(t.\(self.column.column), 1, \(header.count)::int) <> \(ByteArray(bytes: header))
         ORDER BY t.org_id, t.\(self.column.accountID) FOR UPDATE OF t
        """
    }

    func update(_ rows: [SealedRow]) -> SQL {
        """
        UPDATE \(self.column.table) t SET \(self.column.column) = r.sealed
          FROM unnest(\(rows.map(\.orgID))::uuid[], \(rows.map(\.accountID))::uuid[],
                      \(rows.map { ByteArray(bytes: $0.sealed) })::bytea[]) AS r (org_id, id, sealed)
         WHERE t.org_id = r.org_id AND t.\(self.column.accountID) = r.id
        """
    }
}

struct SealedAccount: Sendable {
    let orgID: OrgID
    let accountID: AccountID
}

extension SealedRow {
    init(_ row: Row) throws(PostgresError) {
        self.orgID = try row.get("org_id")
        self.accountID = try row.get("account_id")
        self.sealed = try row.get("sealed", as: ByteArray.self).bytes
    }
}
