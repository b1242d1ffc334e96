import Postgres
import Shared

/// The contents of messages among which some share one: what a broadcast says is read once for all its messages.
///
/// Rows have `org_id`, `content`, `parameters` and `broadcast_id` of messages.
package struct SharedContents: Sendable {
    private let contents: [ID<Broadcast>: BroadcastContent]

    /// Reads what the rows share; nothing where all have contents of their own.
    init(_ rows: [Row], on connection: isolated PostgresConnection) throws {
        var broadcasts: [ID<Broadcast>: OrgID] = [:]
        for row in rows where try row.getIfPresent("content", as: String.self) == nil {
            broadcasts[try row.get("broadcast_id")] = try row.get("org_id")
        }
        guard !broadcasts.isEmpty else {
            self.contents = [:]
            return
        }
        let ids = Array(broadcasts)
        let found = try connection.query(
            """
            SELECT b.id, b.channel, b.category, b.content
              FROM unnest(\(ids.map(\.value))::uuid[], \(ids.map(\.key))::uuid[]) AS r (org_id, id)
              JOIN broadcasts b ON b.org_id = r.org_id AND b.id = r.id
            """
        )
        var contents: [ID<Broadcast>: BroadcastContent] = [:]
        for row in found {
            contents[try row.get("id")] = try BroadcastContent(
                stored: try row.get("content"),
                channel: try row.get("channel"),
                category: try row.get("category")
            )
        }
        self.contents = contents
    }

    /// What the message of a row says.
    func content(of row: Row) throws -> MessageContent {
        if let own: String = try row.getIfPresent("content") { return try MessageContent(stored: own) }
        return try self.shared(by: row)
    }

    /// The same as JSON.
    func json(of row: Row) throws -> JSONValue {
        if let own: String = try row.getIfPresent("content") { return try JSONValue(parsing: Array(own.utf8)) }
        return try self.shared(by: row).json
    }

    private func shared(by row: Row) throws -> MessageContent {
        guard let content = self.contents[try row.get("broadcast_id")] else { throw Problem.internal }
        let parameters: String? = try row.getIfPresent("parameters")
        return try content.content(with: try [String: String](storedParameters: parameters))
    }
}
