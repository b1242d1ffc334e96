import Postgres
import Shared

/// An activity as the public API shows it, in the form that messaging-service gives its own.
struct ActivityResource: Sendable {
    let id: ID<Activity>
    let json: JSONValue

    init(_ row: Row) throws(PostgresError) {
        self.id = try row.get("id")
        let detail: String? = try row.getIfPresent("detail")
        self.json = .object(members: [
            ("id", .text(self.id)), ("at", .text(try row.get("at", as: Timestamp.self))),
            ("type", .string(try row.get("type"))), ("conversation_id", .string(try row.get("conversation_id"))),
            ("customer_id", .string(try row.get("customer_id"))), ("message_id", .null),
            ("actor", .string(try row.get("actor"))),
            ("detail", detail.flatMap { try? JSONValue(parsing: Array($0.utf8)) } ?? .null),
        ])
    }
}
