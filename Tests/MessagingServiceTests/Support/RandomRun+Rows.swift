import Foundation
import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// What the database must have.
extension RandomRun {
    /// Compares all rows with the model, and learns the times that chance decided.
    mutating func check() async throws {
        let rows = try await self.fixture.rows(
            """
            SELECT m.id, m.current_status, m.attempt_count, m.content ->> 'body' AS body, m.recipient, o.state, o.place,
                   o.due_at, o.urgent, d.message_id IS NOT NULL AS is_dead
              FROM message_states m
              LEFT JOIN outbox o ON o.org_id = m.org_id AND o.message_id = m.id
              LEFT JOIN dead_letters d ON d.org_id = m.org_id AND d.message_id = m.id
             ORDER BY o.place
            """
        )
        var (lines, lanes, places): ([String], [String: [MessageID]], Set<String>) = ([], [:], [])
        for row in rows {
            let id: MessageID = try row.get("id")
            let (state, place): (QueueState?, Int?) = (try row.getIfPresent("state"), try row.getIfPresent("place"))
            let (status, count): (MessageStatus, Int) = (try row.get("current_status"), try row.get("attempt_count"))
            let (body, recipient): (String, String) = (try row.get("body"), try row.get("recipient"))
            let isDead: Bool = try row.get("is_dead")
            lines.append(
                "\(id) \(status) \(count) \(body) \(recipient) \(state?.rawValue ?? "out") \(place != nil) \(isDead)"
            )
            if let place {
                let lane = "\(recipient) \(try row.get("urgent", as: Bool.self))"
                lanes[lane, default: []].append(id)
                try self.same(places.insert("\(lane) \(place)").inserted, true)
            }
            guard state == .scheduled || state == .ready, let dueAt: Timestamp = try row.getIfPresent("due_at"),
                let due = self.model[id]?.due
            else { continue }
            // The service looked at its clock a little later.
            try self.same((due.lowerBound...due.upperBound + .seconds(20)).contains(dueAt), true)
            if due.lowerBound < due.upperBound { self.model.learn(dueAt, of: id) }
        }
        try self.same(lines.sorted(), self.ids.compactMap { self.model.line($0) }.sorted())
        try self.same(lanes, self.model.lanes.filter { !$0.value.isEmpty })
        try self.same(try await self.fixture.count(Self.brokenLanes), 0)
    }

    static let brokenLanes: SQL = """
        SELECT count(*) AS count FROM lanes l
          LEFT JOIN LATERAL (
            SELECT count(*) FILTER (WHERE o.state = 'waiting') AS waiting, count(*) FILTER (WHERE o.state <> 'waiting') AS heads,
                   max(o.message_id::text) FILTER (WHERE o.state <> 'waiting') AS head, max(o.place) AS place
              FROM outbox o WHERE o.org_id = l.org_id AND o.conversation_id = l.conversation_id AND o.urgent = l.urgent
               AND o.place IS NOT NULL) AS o ON true
         WHERE l.waiting <> o.waiting OR l.head::text IS DISTINCT FROM o.head OR o.heads > 1 OR l.next_place <= o.place
        """

    /// Stops at the first difference, with all that led to it.
    func same<Value: Equatable>(_ value: Value, _ expected: Value) throws {
        try #require(value == expected, "HERALD_SEED=\(self.seed)\n\(self.trace.joined(separator: "\n"))")
    }

    mutating func note(_ act: String) { self.trace.append("\(self.trace.count + 1). \(act)") }

    func index(_ id: MessageID) -> Int { self.ids.firstIndex(of: id) ?? 0 }
}
