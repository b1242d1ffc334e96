import Postgres
package import Shared

/// A channel account as the public API shows it: without its credentials.
package struct AccountResource: Sendable {
    package let id: AccountID
    package let json: JSONValue

    init(_ row: Row) throws(PostgresError) {
        self.id = try row.get("id")
        let settings: String = try row.get("settings")
        let channel: Channel = try row.get("channel")
        let provider: ProviderKind = try row.get("provider")
        let blockedUntil: Timestamp? = try row.getIfPresent("blocked_until")
        let blockedReason: String? = try row.getIfPresent("blocked_reason")
        self.json = .object(members: [
            ("id", .text(self.id)), ("org_id", .string(try row.get("org_id"))),
            ("channel", .string(channel.rawValue)), ("provider", .string(provider.rawValue)),
            ("name", .string(try row.get("name"))),
            ("settings", (try? JSONValue(parsing: Array(settings.utf8))) ?? .null),
            ("is_default", .bool(try row.get("is_default"))),
            ("blocked", Self.block(until: blockedUntil, reason: blockedReason)),
            ("created_at", .text(try row.get("created_at", as: Timestamp.self))),
            ("updated_at", .text(try row.get("updated_at", as: Timestamp.self))),
        ])
    }

    private static func block(until: Timestamp?, reason: String?) -> JSONValue {
        guard let until else { return .null }
        return .object(members: [("reason", .text(reason)), ("next_probe_at", .text(until))])
    }
}
