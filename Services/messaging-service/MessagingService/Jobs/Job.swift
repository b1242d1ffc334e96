import Postgres
import Shared

/// An act on many messages that goes on after its request was answered.
struct Job: Sendable {
    let orgID: OrgID
    let id: ID<Job>
    let action: JobAction
    let filter: BulkFilter
    let actor: String
    let requestID: String?
    /// Messages up to this one are looked at: what comes later is not meant.
    let lastID: MessageID
    var cursor: MessageID?
    let total: Int
    var processed = 0
    var changed = 0
    var refused = 0
    var createdAt: Timestamp?
    var updatedAt: Timestamp?
    var finishedAt: Timestamp?

    /// As the public API shows it.
    var json: JSONValue {
        .object(members: [
            ("id", .text(self.id)), ("action", .string(self.action.rawValue)), ("filter", self.filter.json),
            ("status", .string(self.finishedAt == nil ? "running" : "done")),
            ("total", .number(JSONNumber(self.total))), ("processed", .number(JSONNumber(self.processed))),
            ("changed", .number(JSONNumber(self.changed))), ("refused", .number(JSONNumber(self.refused))),
            ("created_at", .text(self.createdAt)), ("updated_at", .text(self.updatedAt)),
            ("finished_at", .text(self.finishedAt)),
        ])
    }
}

extension Job {
    init(_ row: Row) throws {
        self.init(
            orgID: try row.get("org_id"),
            id: try row.get("id"),
            action: try row.get("action"),
            filter: try BulkFilter(stored: try row.get("filter")),
            actor: try row.get("actor"),
            requestID: try row.getIfPresent("request_id"),
            lastID: try row.get("last_id"),
            cursor: try row.getIfPresent("cursor_id"),
            total: try row.get("total"),
            processed: try row.get("processed"),
            changed: try row.get("changed"),
            refused: try row.get("refused"),
            createdAt: try row.get("created_at"),
            updatedAt: try row.get("updated_at"),
            finishedAt: try row.getIfPresent("finished_at")
        )
    }
}
