import Postgres
import Shared

/// A consent, or a change of one, as the public API shows it.
enum ConsentResource {
    /// What counts now: a row of `consents`.
    static func current(_ row: Row) throws(PostgresError) -> JSONValue {
        .object(members: try self.members(row))
    }

    /// What was said once: a row of `consent_changes`.
    static func change(_ row: Row) throws(PostgresError) -> JSONValue {
        .object(
            members: [("id", .string(try row.get("id")))] + (try self.members(row)) + [
                ("account_id", .text(try row.getIfPresent("account_id", as: String.self))),
                ("recorded_at", .text(try row.get("recorded_at", as: Timestamp.self))),
            ]
        )
    }

    private static func members(_ row: Row) throws(PostgresError) -> [(String, JSONValue)] {
        [
            ("channel", .string(try row.get("channel"))), ("purpose", .string(try row.get("purpose"))),
            ("status", .string(try row.get("status"))), ("source", .string(try row.get("source"))),
            ("proof", .text(try row.getIfPresent("proof", as: String.self))),
            ("at", .text(try row.get("at", as: Timestamp.self))),
        ]
    }
}
