import Postgres
package import Shared

/// The last check of an account's credentials.
package struct StoredCheck: Sendable, Equatable {
    package let id: ID<CredentialCheck>
    /// Nil while no worker has answered.
    package let status: CredentialCheck.Status?
    let code: String?
    let detail: String?
    let askedAt: Timestamp
    let checkedAt: Timestamp?

    /// Nil for a row, joined with the checks, of an account that has none.
    init?(_ row: Row) throws(PostgresError) {
        guard let id = try row.getIfPresent("check_id", as: ID<CredentialCheck>.self) else { return nil }
        self.id = id
        self.status = CredentialCheck.Status(rawValue: try row.get("check_status", as: String.self))
        self.code = try row.getIfPresent("check_code")
        self.detail = try row.getIfPresent("check_detail")
        self.askedAt = try row.get("check_asked_at")
        self.checkedAt = try row.getIfPresent("checked_at")
    }

    package var json: JSONValue {
        .object(members: [
            ("status", .string(self.status?.rawValue ?? "pending")), ("code", .text(self.code)),
            ("detail", .text(self.detail)), ("asked_at", .text(self.askedAt)), ("checked_at", .text(self.checkedAt)),
        ])
    }
}
