package import InternalAPI
package import Postgres
package import Secrets
import Shared

/// Finds what verifies an account's webhooks, for inbound-gateway's own copy.
package struct FindWebhookAccount: Sendable {
    let postgres: PostgresPool
    let secrets: SecretBox

    package init(postgres: PostgresPool, secrets: SecretBox) {
        self.postgres = postgres
        self.secrets = secrets
    }

    /// - Returns: nil when there is no such account.
    package func callAsFunction(
        _ query: MessagingAPI.WebhookAccountQuery
    ) async throws -> MessagingAPI.WebhookAccount? {
        guard let key = try await self.postgres.run({ connection in try Self.find(query, on: connection) }) else {
            return nil
        }
        let account = try await self.postgres.transaction(for: [key.orgID]) { connection in
            try connection.query(AccountStore.sealedAccounts([key])).first.map { try AccountStore.SealedAccount($0) }
        }
        guard let account else { return nil }
        let credentials = try self.secrets.openCredentials(account.credentials.bytes, at: account.place)
        return MessagingAPI.WebhookAccount(
            orgID: account.orgID,
            accountID: account.id,
            provider: account.provider,
            number: account.number,
            secrets: credentials.only(Self.secretNames(of: account.provider))
        )
    }

    private static func find(
        _ query: MessagingAPI.WebhookAccountQuery,
        on connection: isolated PostgresConnection
    ) throws -> AccountKey? {
        let rows =
            switch query {
            case .id(let id):
                try connection.query("SELECT org_id, account_id FROM account_directory WHERE account_id = \(id)")
            case .number(let provider, let number):
                try connection.query(
                    """
                    SELECT org_id, account_id FROM number_directory
                     WHERE provider = \(provider) AND number = \(number)
                    """
                )
            }
        guard let row = rows.first else { return nil }
        return AccountKey(orgID: try row.get("org_id"), accountID: try row.get("account_id"))
    }

    private static func secretNames(of provider: ProviderKind) -> Set<String> {
        switch provider {
        case .whatsappCloud: ["app_secret", "verify_token"]
        // By its number and under its own name a gateway asks for messages that came while it was away.
        case .twilio: ["account_sid", "auth_token", "from", "messaging_service_sid"]
        case .sendgrid: ["webhook_public_key", "inbound_token"]
        case .http: ["secret", "previous_secret"]
        case .smtp, .sandbox: []
        }
    }
}
