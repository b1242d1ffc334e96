import Postgres
import Secrets
import Shared

/// The statements on `channel_accounts` and its directories.
package enum AccountStore {
    /// An account with its credentials, still sealed.
    struct SealedAccount: Sendable {
        let orgID: OrgID
        let id: AccountID
        let provider: ProviderKind
        let number: String?
        let credentials: ByteArray

        /// Where the credentials are stored; they open nowhere else.
        var place: SecretBox.Place { AccountStore.place(of: self.id, orgID: self.orgID) }

        init(_ row: Row) throws(PostgresError) {
            self.orgID = try row.get("org_id")
            self.id = try row.get("id")
            self.provider = try row.get("provider")
            self.number = try row.getIfPresent("number")
            self.credentials = try row.get("credentials")
        }
    }

    static func place(of id: AccountID, orgID: OrgID) -> SecretBox.Place {
        SecretBox.Place(orgID: orgID, column: "channel_accounts.credentials", row: id.description)
    }

    /// Inserts an account, takes its place in the directories, and makes it the default if it asks for that.
    ///
    /// - Throws: `uniqueViolation` of `account_name_taken` or `number_taken`.
    static func insert(
        _ account: NewAccount,
        id: AccountID,
        orgID: OrgID,
        sealed: [UInt8],
        on connection: isolated PostgresConnection
    ) throws(PostgresError) -> AccountResource {
        if account.isDefault {
            try connection.query(
                """
                UPDATE channel_accounts SET is_default = false, updated_at = now()
                 WHERE org_id = \(orgID) AND channel = \(account.channel) AND is_default
                """
            )
        }
        let rows = try connection.query(
            """
            INSERT INTO channel_accounts (org_id, id, channel, provider, name, number, credentials, settings, is_default)
            VALUES (\(orgID), \(id), \(account.channel), \(account.provider), \(account.name), \(account.number),
                    \(ByteArray(bytes: sealed)), \(account.settings.text)::json, \(account.isDefault))
            RETURNING *
            """
        )
        try connection.query("INSERT INTO account_directory (account_id, org_id) VALUES (\(id), \(orgID))")
        if let number = account.number {
            try connection.query(
                """
                INSERT INTO number_directory (provider, number, org_id, account_id)
                VALUES (\(account.provider), \(number), \(orgID), \(id))
                """
            )
        }
        guard let row = rows.first else { throw .decoding(column: "id", type: "AccountID") }
        return try AccountResource(row)
    }

    static func find(
        _ id: AccountID,
        of orgID: OrgID,
        on connection: isolated PostgresConnection
    ) throws(PostgresError) -> AccountResource? {
        let rows = try connection.query(
            "SELECT * FROM channel_accounts WHERE org_id = \(orgID) AND id = \(id)"
        )
        guard let row = rows.first else { return nil }
        return try AccountResource(row)
    }

    /// One page, oldest first.
    static func list(
        of orgID: OrgID,
        after cursor: AccountID?,
        limit: Int,
        on connection: isolated PostgresConnection
    ) throws -> [AccountResource] {
        try connection.query(
            """
            SELECT * FROM channel_accounts
             WHERE org_id = \(orgID) AND (\(cursor)::uuid IS NULL OR id > \(cursor))
             ORDER BY id LIMIT \(limit)::int
            """
        ).map { try AccountResource($0) }
    }

    /// The accounts of lanes, with their sealed credentials.
    static func sealedAccounts(
        _ lanes: [Lane],
        on connection: isolated PostgresConnection
    ) throws -> [SealedAccount] {
        try connection.query(
            """
            SELECT a.org_id, a.id, a.provider, a.number, a.credentials
              FROM unnest(\(lanes.map(\.orgID))::uuid[], \(lanes.map(\.accountID))::uuid[]) AS r (org_id, id)
              JOIN channel_accounts a ON a.org_id = r.org_id AND a.id = r.id
            """
        ).map { try SealedAccount($0) }
    }

    /// All accounts of some organizations, for choosing among them.
    static func choices(
        of orgs: [OrgID],
        on connection: isolated PostgresConnection
    ) throws -> [OrgID: [ChosenAccount]] {
        let rows = try connection.query(
            """
            SELECT org_id, id, channel, provider, is_default FROM channel_accounts
             WHERE org_id = ANY (\(orgs)::uuid[]) ORDER BY org_id, id
            """
        )
        var choices: [OrgID: [ChosenAccount]] = [:]
        for row in rows {
            choices[try row.get("org_id"), default: []].append(
                ChosenAccount(
                    id: try row.get("id"),
                    channel: try row.get("channel"),
                    provider: try row.get("provider"),
                    isDefault: try row.get("is_default")
                )
            )
        }
        return choices
    }
}
