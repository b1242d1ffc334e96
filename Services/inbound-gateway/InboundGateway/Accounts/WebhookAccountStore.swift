import InternalAPI
import Postgres
import Resealing
import Secrets
import Shared

/// The statements on `webhook_accounts` and on the directories that lead to it.
struct WebhookAccountStore: Sendable {
    /// What is sealed here.
    static let sealed = SealedColumn(
        table: "webhook_accounts",
        accountID: "account_id",
        column: "secrets",
        name: Self.secretsName
    )
    private static let secretsName = "webhook_accounts.secrets"

    let secrets: SecretBox

    /// A directory's answer: enough to set the scope in which the rest can be read.
    struct Owner: Sendable, Equatable {
        let orgID: OrgID
        let accountID: AccountID
    }

    func owner(
        of query: MessagingAPI.WebhookAccountQuery,
        on connection: isolated PostgresConnection
    ) throws -> Owner? {
        let rows =
            switch query {
            case .id(let id):
                try connection.query("SELECT org_id, account_id FROM account_directory WHERE account_id = \(id)")
            case .number(let provider, let number):
                try connection.query(
                    """
                    SELECT org_id, account_id FROM number_directory
                     WHERE provider = \(provider.rawValue)::provider_kind AND number = \(number)
                    """
                )
            }
        guard let row = rows.first else { return nil }
        return Owner(orgID: try row.get("org_id"), accountID: try row.get("account_id"))
    }

    /// Reads and opens one copy; nil when there is none, or when it opens under no master key.
    func find(_ owner: Owner, on connection: isolated PostgresConnection) throws -> KnownAccount? {
        let rows = try connection.query(
            """
            SELECT provider, number, secrets, fetched_at
              FROM webhook_accounts
             WHERE org_id = \(owner.orgID) AND account_id = \(owner.accountID)
            """
        )
        guard let row = rows.first, let provider = ProviderKind(rawValue: try row.get("provider")) else { return nil }
        let sealed = try row.get("secrets", as: ByteArray.self)
        guard let secrets = try? self.secrets.openCredentials(sealed.bytes, at: Self.place(owner)) else { return nil }
        return KnownAccount(
            account: MessagingAPI.WebhookAccount(
                orgID: owner.orgID,
                accountID: owner.accountID,
                provider: provider,
                number: try row.getIfPresent("number"),
                secrets: secrets
            ),
            checkedAt: try row.get("fetched_at")
        )
    }

    /// Writes one copy, and what leads to it; the scope must hold the account's organization.
    ///
    /// Only the answer to a question by number says whose the number is: an account may claim one that is another's.
    func save(
        _ account: MessagingAPI.WebhookAccount,
        at time: Timestamp,
        foundBy query: MessagingAPI.WebhookAccountQuery,
        on connection: isolated PostgresConnection
    ) throws {
        let owner = Owner(orgID: account.orgID, accountID: account.accountID)
        let sealed = ByteArray(bytes: try self.secrets.seal(account.secrets, at: Self.place(owner)))
        var statements: [SQL] = [
            "INSERT INTO inbox_orgs (org_id) VALUES (\(account.orgID)) ON CONFLICT DO NOTHING",
            """
            INSERT INTO account_directory (account_id, org_id) VALUES (\(account.accountID), \(account.orgID))
            ON CONFLICT (account_id) DO UPDATE SET org_id = excluded.org_id
            """,
            """
            INSERT INTO webhook_accounts (org_id, account_id, provider, number, secrets, fetched_at)
            VALUES (\(account.orgID), \(account.accountID), \(account.provider.rawValue)::provider_kind, \(account.number),
                    \(sealed), \(time))
            ON CONFLICT (org_id, account_id) DO UPDATE
            SET provider = excluded.provider, number = excluded.number, secrets = excluded.secrets,
                fetched_at = excluded.fetched_at
            """,
            """
            DELETE FROM number_directory
             WHERE account_id = \(account.accountID) AND number IS DISTINCT FROM \(account.number)
            """,
        ]
        if case .number(let provider, let number) = query, number == account.number {
            statements.append(
                """
                INSERT INTO number_directory (provider, number, org_id, account_id)
                VALUES (\(provider.rawValue)::provider_kind, \(number), \(account.orgID), \(account.accountID))
                ON CONFLICT (provider, number) DO UPDATE
                SET org_id = excluded.org_id, account_id = excluded.account_id
                """
            )
        }
        try connection.pipeline(statements)
    }

    /// Deletes what `query` no longer leads to: a number's entry, or a copy and all its entries.
    ///
    /// Its events stay.
    func delete(
        _ owner: Owner,
        foundBy query: MessagingAPI.WebhookAccountQuery,
        on connection: isolated PostgresConnection
    ) throws {
        switch query {
        case .number(let provider, let number):
            try connection.query(
                "DELETE FROM number_directory WHERE provider = \(provider.rawValue)::provider_kind AND number = \(number)"
            )
        case .id:
            try connection.pipeline([
                "DELETE FROM number_directory WHERE account_id = \(owner.accountID)",
                "DELETE FROM account_directory WHERE account_id = \(owner.accountID)",
                "DELETE FROM webhook_accounts WHERE org_id = \(owner.orgID) AND account_id = \(owner.accountID)",
            ])
        }
    }

    private static func place(_ owner: Owner) -> SecretBox.Place {
        .init(orgID: owner.orgID, column: Self.secretsName, row: owner.accountID.description)
    }
}
