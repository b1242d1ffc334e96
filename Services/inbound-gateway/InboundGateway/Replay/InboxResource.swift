import Foundation
import Postgres
import Shared

/// An event of the inbox as the public API shows it.
struct InboxResource: Sendable {
    let id: ID<InboxEvent>
    private let members: [(String, JSONValue)]

    var json: JSONValue { Self.object(self.members) }

    /// Together with the webhook that brought it.
    func json(with request: StoredRequest?) -> JSONValue {
        Self.object(self.members + [("request", request?.json ?? .null)])
    }

    /// Reads a row of `columns`.
    init(_ row: Row) throws {
        self.id = try row.get("id")
        let content: String = try row.get("content")
        self.members = [
            ("id", .string(self.id.description)), ("account_id", .string(try row.get("account_id"))),
            ("provider", .string(try row.get("provider"))), ("event_key", .string(try row.get("event_key"))),
            ("kind", .string(try row.get("kind"))), ("state", .string(try row.get("state"))),
            ("attempts", .number(JSONNumber(try row.get("attempts", as: Int.self)))),
            ("last_error", Self.text(try row.getIfPresent("last_error", as: String.self))),
            ("next_attempt_at", Self.text(try row.getIfPresent("next_attempt_at", as: Timestamp.self))),
            ("received_at", Self.text(try row.get("received_at", as: Timestamp.self))),
            ("processed_at", Self.text(try row.getIfPresent("processed_at", as: Timestamp.self))),
            ("content", (try? JSONValue(parsing: Array(content.utf8))) ?? .null),
        ]
    }

    static let columns: SQL = """
        id, account_id::text AS account_id, provider, event_key, kind, state, attempts, last_error, next_attempt_at,
        received_at, processed_at, content, request_id
        """

    private static func text(_ value: (some LosslessStringConvertible)?) -> JSONValue {
        value.map { .string($0.description) } ?? .null
    }

    private static func object(_ members: [(String, JSONValue)]) -> JSONValue {
        .object(JSONObject(distinct: members.map { JSONObject.Member(name: $0.0, value: $0.1) }))
    }
}
