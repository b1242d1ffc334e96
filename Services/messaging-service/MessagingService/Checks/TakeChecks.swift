package import InternalAPI
import Logging
import Postgres
import Secrets
import Shared

/// Hands checks that wait to a worker, with the credentials that they are about.
package struct TakeChecks: Sendable {
    /// In one heartbeat's answer.
    static let most = 16
    /// How long a worker has a check to itself: longer than it may take.
    static let time: Duration = .seconds(15)

    /// Sees the checks of every organization, and nothing but their ids and times.
    let engine: PostgresPool
    let postgres: PostgresPool
    let secrets: SecretBox
    let logger: Logger

    package func callAsFunction(atMost wanted: Int) async throws -> [MessagingAPI.CheckQuestion] {
        let limit = min(wanted, Self.most)
        guard limit > 0 else { return [] }
        let waiting = try await self.engine.run { connection in
            try connection.query(CheckStore.waiting(atMost: limit)).map { row in
                AccountKey(orgID: try row.get("org_id"), accountID: try row.get("account_id"))
            }
        }
        guard !waiting.isEmpty else { return [] }
        return try await self.postgres.transaction(for: Array(Set(waiting.map(\.orgID)))) { connection in
            try self.take(waiting, on: connection)
        }
    }

    private func take(
        _ waiting: [AccountKey],
        on connection: isolated PostgresConnection
    ) throws -> [MessagingAPI.CheckQuestion] {
        var ids: [AccountKey: ID<CredentialCheck>] = [:]
        for row in try connection.query(CheckStore.take(waiting, for: Self.time)) {
            ids[AccountKey(orgID: try row.get("org_id"), accountID: try row.get("account_id"))] = try row.get("id")
        }
        return try connection.query(AccountStore.sealedAccounts(Array(ids.keys))).compactMap { row in
            let account = try AccountStore.SealedAccount(row)
            guard let id = ids[AccountKey(orgID: account.orgID, accountID: account.id)] else { return nil }
            do {
                let credentials = try self.secrets.openCredentials(account.credentials.bytes, at: account.place)
                let leased = MessagingAPI.LeasedAccount(
                    id: account.id,
                    provider: account.provider,
                    credentials: credentials
                )
                return MessagingAPI.CheckQuestion(orgID: account.orgID, id: id, account: leased)
            } catch {
                // It opened when it was asked for: the master key was changed since.
                self.logger.error(
                    "account can not be checked",
                    metadata: ["account.id": "\(account.id)", "error": "\(error)"]
                )
                return nil
            }
        }
    }
}
