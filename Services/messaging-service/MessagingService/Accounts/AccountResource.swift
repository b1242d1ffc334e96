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
        let gate = try AccountGate(row)
        self.json = .object(members: [
            ("id", .text(self.id)), ("org_id", .string(try row.get("org_id"))),
            ("channel", .string(channel.rawValue)), ("provider", .string(provider.rawValue)),
            ("name", .string(try row.get("name"))),
            ("settings", (try? JSONValue(parsing: Array(settings.utf8))) ?? .null),
            ("is_default", .bool(try row.get("is_default"))),
            ("state", .string(gate.state)), ("parked", gate.json),
            ("last_check", try StoredCheck(row)?.json ?? .null),
            ("created_at", .text(try row.get("created_at", as: Timestamp.self))),
            ("updated_at", .text(try row.get("updated_at", as: Timestamp.self))),
        ])
    }
}

/// Why an account does not send, or sends less than it could.
struct AccountGate: Sendable {
    let gate: AccountFlow.Gate
    let since: Timestamp?
    /// `provider`, or the actor who parked it.
    let by: String?
    let reason: String?
    let nextProbeAt: Timestamp?

    /// Reads the columns of `account_flows`.
    init(_ row: Row) throws(PostgresError) {
        self.gate = try row.get("gate")
        self.since = try row.getIfPresent("gate_since")
        self.by = try row.getIfPresent("gate_by")
        self.reason = try row.getIfPresent("gate_reason")
        self.nextProbeAt = try row.getIfPresent("probe_at")
    }

    /// As the public API names it.
    var state: String {
        switch self.gate {
        case .open: "open"
        case .parked: "parked"
        case .outage, .recovering: "outage"
        }
    }

    /// Null while the account is open.
    var json: JSONValue {
        guard self.gate != .open else { return .null }
        return .object(members: [
            ("by", .string(self.by == AccountFlow.provider ? "provider" : "operator")), ("reason", .text(self.reason)),
            ("since", .text(self.since)), ("next_probe_at", .text(self.nextProbeAt)),
        ])
    }
}
