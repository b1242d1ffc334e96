import AuditTrail
import HTTPService
import Postgres
import Secrets
import Shared

/// Changes a channel account, and what the engine makes of its settings, in one transaction.
struct UpdateAccount: Sendable {
    let postgres: PostgresPool
    let secrets: SecretBox

    /// - Throws: `Problem` `not-found`, `precondition-failed`, `invalid-request`; `CreateAccount.Failure`.
    func callAsFunction(
        _ body: JSONValue,
        of id: AccountID,
        if condition: Precondition = .none,
        for acting: Acting,
        requestID: String
    ) async throws -> AccountResource {
        let orgID = acting.orgID
        do {
            return try await self.postgres.transaction(for: [orgID]) { connection in
                try self.update(id, of: orgID, by: body, if: condition, acting.actor, requestID, on: connection)
            }
        } catch PostgresError.uniqueViolation(let constraint) {
            throw constraint == "number_taken" ? CreateAccount.Failure.numberTaken : CreateAccount.Failure.nameTaken
        }
    }

    private func update(
        _ id: AccountID,
        of orgID: OrgID,
        by body: JSONValue,
        if condition: Precondition,
        _ actor: String,
        _ requestID: String,
        on connection: isolated PostgresConnection
    ) throws -> AccountResource {
        let rows = try connection.query(
            """
            SELECT channel, provider, settings FROM channel_accounts
             WHERE org_id = \(orgID) AND id = \(id) AND deleted_at IS NULL FOR UPDATE
            """
        )
        guard let row = rows.first else { throw Problem.notFound }
        try condition.check(try AccountStore.find(id, of: orgID, on: connection)?.json ?? .null)
        let (channel, provider): (Channel, ProviderKind) = (try row.get("channel"), try row.get("provider"))
        let change = try AccountChange(body, of: provider)
        let stored: String = try row.get("settings")
        let before = try JSONValue(parsing: Array(stored.utf8))
        let settings = change.applied(to: before)
        let sealed = try change.credentials.map { credentials in
            ByteArray(bytes: try self.secrets.seal(credentials, at: AccountStore.place(of: id, orgID: orgID)))
        }
        if change.isDefault == true { try AccountStore.clearDefault(of: channel, orgID: orgID, on: connection) }
        try connection.query(
            """
            UPDATE channel_accounts SET
                name = coalesce(\(change.name), name), settings = \(settings.text)::json,
                credentials = coalesce(\(sealed)::bytea, credentials), number = coalesce(\(change.number), number),
                is_default = is_default OR \(change.isDefault ?? false), updated_at = now()
             WHERE org_id = \(orgID) AND id = \(id)
            """
        )
        if let number = change.number {
            try connection.query("DELETE FROM number_directory WHERE org_id = \(orgID) AND account_id = \(id)")
            try AccountStore.takeNumber(number, of: provider, for: id, orgID: orgID, on: connection)
        }
        let key = AccountKey(orgID: orgID, accountID: id)
        if change.credentials != nil { try connection.query(CheckStore.forget(key)) }
        try connection.query(FlowStore.set(AccountSettings(settings, of: provider), of: key))
        let detail: JSONObject = ["changed": change.names, "settings": settings.differences(from: before)]
        let act = Act(.edit, by: actor, requestID: requestID, detail: detail)
        try connection.query(AuditStore.insert([AuditRecord(act, on: .channelAccount, id.uuid, of: orgID)]))
        guard let resource = try AccountStore.find(id, of: orgID, on: connection) else { throw Problem.notFound }
        return resource
    }
}

extension JSONValue {
    /// The members that differ, as `{"from", "to"}`; null for one that is not there.
    fileprivate func differences(from before: JSONValue) -> JSONValue {
        var names = before.object?.names ?? []
        names += (self.object?.names ?? []).filter { !names.contains($0) }
        return .object(
            members: names.compactMap { name in
                let (from, to) = (before[name] ?? .null, self[name] ?? .null)
                return from == to ? nil : (name, ["from": from, "to": to])
            }
        )
    }
}
