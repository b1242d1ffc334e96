import Postgres
package import Shared

/// An API key as the public API shows it: never its secret.
package struct KeyResource: Sendable {
    package let id: APIKeyID
    package let members: [(String, JSONValue)]

    init(_ row: Row) throws(PostgresError) {
        self.id = try row.get("id")
        let scopes: [String] = try row.get("scopes")
        self.members = [
            ("id", .text(self.id)), ("org_id", .text(try row.get("org_id", as: OrgID.self))),
            ("name", .string(try row.get("name"))), ("scopes", .array(scopes.map { .string($0) })),
            ("mode", .string(try row.get("mode"))),
            ("rate_limit", try RateLimit(row).json),
            ("replaces", .text(try row.getIfPresent("replaces", as: APIKeyID.self))),
            ("expires_at", .text(try row.getIfPresent("expires_at", as: Timestamp.self))),
            ("revoked_at", .text(try row.getIfPresent("revoked_at", as: Timestamp.self))),
            ("last_used_at", .text(try row.getIfPresent("last_used_at", as: Timestamp.self))),
            ("created_at", .text(try row.get("created_at", as: Timestamp.self))),
        ]
    }

    package var json: JSONValue { .object(members: self.members) }

    /// What its `ETag` is made of: all but its last use, which is no change of it.
    package var versioned: JSONValue { .object(members: self.members.filter { $0.0 != "last_used_at" }) }

    /// With the key itself, for the one answer that has it.
    package func json(showing token: KeyToken) -> JSONValue {
        .object(members: self.members.prefix(1) + [("secret", .string(token.text))] + self.members.dropFirst())
    }
}
