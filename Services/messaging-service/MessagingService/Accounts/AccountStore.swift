import Postgres
package import Resealing
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

    /// What is sealed here.
    package static let credentials = SealedColumn(
        table: "channel_accounts",
        accountID: "id",
        column: "credentials",
        name: Self.credentialsName
    )
    private static let credentialsName = "channel_accounts.credentials"

    static func place(of id: AccountID, orgID: OrgID) -> SecretBox.Place {
        SecretBox.Place(orgID: orgID, column: Self.credentialsName, row: id.description)
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
        if account.isDefault { try self.clearDefault(of: account.channel, orgID: orgID, on: connection) }
        try connection.query(
            """
            INSERT INTO channel_accounts (org_id, id, channel, provider, name, number, credentials, settings, is_default)
            VALUES (\(orgID), \(id), \(account.channel), \(account.provider), \(account.name), \(account.number),
                    \(ByteArray(bytes: sealed)), \(account.settings.text)::json, \(account.isDefault))
            """
        )
        try connection.query("INSERT INTO account_directory (account_id, org_id) VALUES (\(id), \(orgID))")
        let settings = AccountSettings(account.settings, of: account.provider)
        try connection.query(FlowStore.set(settings, of: AccountKey(orgID: orgID, accountID: id)))
        if let number = account.number {
            try self.takeNumber(number, of: account.provider, for: id, orgID: orgID, on: connection)
        }
        guard let resource = try self.find(id, of: orgID, on: connection) else {
            throw .decoding(column: "id", type: "AccountID")
        }
        return resource
    }

    /// Whether something is still to be sent by an account; its row is locked, and so nobody adds a message meanwhile.
    static func isInUse(
        _ id: AccountID,
        of orgID: OrgID,
        on connection: isolated PostgresConnection
    ) throws(PostgresError) -> Bool {
        // Reads the organization's queue at worst, once in an account's life.
        let rows = try connection.query(
            """
            SELECT EXISTS (SELECT FROM outbox WHERE org_id = \(orgID) AND account_id = \(id))
                OR EXISTS (SELECT FROM broadcasts WHERE org_id = \(orgID) AND account_id = \(id)
                              AND state NOT IN ('done', 'cancelled')) AS is_in_use
            """
        )
        return try rows[0].get("is_in_use")
    }

    /// Takes an account out of everything but the history of its messages, for ever.
    static func delete(
        _ id: AccountID,
        of orgID: OrgID,
        on connection: isolated PostgresConnection
    ) throws(PostgresError) {
        try connection.query(
            """
            UPDATE channel_accounts SET deleted_at = now(), updated_at = now(), credentials = NULL, number = NULL,
                                        is_default = false
             WHERE org_id = \(orgID) AND id = \(id)
            """
        )
        try connection.query("DELETE FROM number_directory WHERE org_id = \(orgID) AND account_id = \(id)")
        try connection.query("DELETE FROM account_directory WHERE account_id = \(id)")
        try connection.query(CheckStore.forget(AccountKey(orgID: orgID, accountID: id)))
    }

    static func clearDefault(
        of channel: Channel,
        orgID: OrgID,
        on connection: isolated PostgresConnection
    ) throws(PostgresError) {
        try connection.query(
            """
            UPDATE channel_accounts SET is_default = false, updated_at = now()
             WHERE org_id = \(orgID) AND channel = \(channel) AND is_default
            """
        )
    }

    /// - Throws: `uniqueViolation` of `number_taken`.
    static func takeNumber(
        _ number: String,
        of provider: ProviderKind,
        for id: AccountID,
        orgID: OrgID,
        on connection: isolated PostgresConnection
    ) throws(PostgresError) {
        try connection.query(
            """
            INSERT INTO number_directory (provider, number, org_id, account_id)
            VALUES (\(provider), \(number), \(orgID), \(id))
            """
        )
    }

    static func find(
        _ id: AccountID,
        of orgID: OrgID,
        on connection: isolated PostgresConnection
    ) throws(PostgresError) -> AccountResource? {
        let rows = try connection.query(
            """
            SELECT a.*, f.gate, f.gate_since, f.gate_by, f.gate_reason, f.probe_at, \(CheckStore.columns)
              FROM channel_accounts a
              JOIN account_flows f ON f.org_id = a.org_id AND f.account_id = a.id
              LEFT JOIN account_checks c ON c.org_id = a.org_id AND c.account_id = a.id
             WHERE a.org_id = \(orgID) AND a.id = \(id) AND a.deleted_at IS NULL
            """
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
            SELECT a.*, f.gate, f.gate_since, f.gate_by, f.gate_reason, f.probe_at, \(CheckStore.columns)
              FROM channel_accounts a
              JOIN account_flows f ON f.org_id = a.org_id AND f.account_id = a.id
              LEFT JOIN account_checks c ON c.org_id = a.org_id AND c.account_id = a.id
             WHERE a.org_id = \(orgID) AND a.deleted_at IS NULL AND (\(cursor)::uuid IS NULL OR a.id > \(cursor))
             ORDER BY a.id LIMIT \(limit)::int
            """
        ).map { try AccountResource($0) }
    }

    /// Accounts with their sealed credentials.
    static func sealedAccounts(_ accounts: [AccountKey]) -> SQL {
        """
        SELECT a.org_id, a.id, a.provider, a.number, a.credentials
          FROM unnest(\(accounts.map(\.orgID))::uuid[], \(accounts.map(\.accountID))::uuid[]) AS r (org_id, id)
          JOIN channel_accounts a ON a.org_id = r.org_id AND a.id = r.id AND a.deleted_at IS NULL
        """
    }

    /// All accounts of some organizations, for choosing among them.
    static func choices(
        of orgs: [OrgID],
        on connection: isolated PostgresConnection
    ) throws -> [OrgID: [ChosenAccount]] {
        let sql: SQL = """
            SELECT a.org_id, a.id, a.channel, a.provider, a.is_default, a.settings ->> 'footer' AS footer,
                   coalesce((a.settings ->> 'transliterate')::boolean, false) AS transliterates,
                   coalesce(f.retry_delays, s.retry_delays) AS retry_delays, coalesce(s.clock_offset, 0) AS clock_offset,
                   s.rules, coalesce(s.sms_verified, false) AS sms_verified
              FROM channel_accounts a
              LEFT JOIN account_flows f ON f.org_id = a.org_id AND f.account_id = a.id
              LEFT JOIN org_settings s ON s.org_id = a.org_id
             WHERE a.org_id = ANY (\(orgs)::uuid[]) AND a.deleted_at IS NULL ORDER BY a.org_id, a.id
            """
        var choices: [OrgID: [ChosenAccount]] = [:]
        for row in try connection.query(sql) {
            choices[try row.get("org_id"), default: []].append(
                ChosenAccount(
                    id: try row.get("id"),
                    channel: try row.get("channel"),
                    provider: try row.get("provider"),
                    isDefault: try row.get("is_default"),
                    retryPolicy: try row.getIfPresent("retry_delays", as: [Int].self).map(
                        RetryPolicy.init(milliseconds:)
                    ),
                    clockOffset: .microseconds(try row.get("clock_offset", as: Int.self)),
                    smsStyle: SMSText.Style(
                        footer: try row.getIfPresent("footer"),
                        transliterates: try row.get("transliterates")
                    ),
                    rules: try SendingRules(row),
                    isSMSVerified: try row.get("sms_verified")
                )
            )
        }
        return choices
    }
}
