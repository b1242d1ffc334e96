import AuditTrail
package import Postgres
package import Secrets
package import Shared

/// Sets up a channel account; its credentials are sealed before they reach the database.
package struct CreateAccount: Sendable {
    package enum Failure: Error, Equatable {
        case nameTaken
        /// Another account, of whatever organization, already has the provider's number.
        case numberTaken
        /// A sandbox organization has no accounts that reach anybody.
        case sandboxOnly
    }

    let postgres: PostgresPool
    let secrets: SecretBox

    package init(postgres: PostgresPool, secrets: SecretBox) {
        self.postgres = postgres
        self.secrets = secrets
    }

    package func callAsFunction(
        _ account: NewAccount,
        for acting: Acting,
        requestID: String
    ) async throws -> AccountResource {
        try await self.postgres.transaction(for: [acting.orgID]) { connection in
            try self(account, for: acting, requestID: requestID, on: connection)
        }
    }

    /// Within a transaction of the organization's.
    func callAsFunction(
        _ account: NewAccount,
        for acting: Acting,
        requestID: String,
        on connection: isolated PostgresConnection
    ) throws -> AccountResource {
        let orgID = acting.orgID
        let id = AccountID.new()
        let sealed = try self.secrets.seal(account.credentials, at: AccountStore.place(of: id, orgID: orgID))
        let audit = AuditRecord(
            orgID: orgID,
            actor: acting.actor,
            action: .created,
            entityType: .channelAccount,
            entityID: id.uuid,
            requestID: requestID
        )
        do {
            guard try account.provider == .sandbox || !OrgSettingsStore.isSandbox(orgID, on: connection) else {
                throw Failure.sandboxOnly
            }
            let resource = try AccountStore.insert(account, id: id, orgID: orgID, sealed: sealed, on: connection)
            try connection.query(AuditStore.insert([audit]))
            return resource
        } catch PostgresError.uniqueViolation(let constraint) {
            throw constraint == "number_taken" ? Failure.numberTaken : Failure.nameTaken
        }
    }
}
