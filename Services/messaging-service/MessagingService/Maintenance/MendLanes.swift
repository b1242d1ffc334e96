package import Postgres
import Shared

/// A net under the engine: gives a head to lanes in which messages wait behind nobody.
///
/// The locks of the lanes leave no way to such a lane; were there one, its messages would wait for ever.
package struct MendLanes: Sendable {
    static let batch = 100

    /// Sees the lanes of every organization, and nothing but ids and counts.
    let engine: PostgresPool
    let postgres: PostgresPool
    let due: DueWork

    package init(engine: PostgresPool, postgres: PostgresPool, due: DueWork) {
        self.engine = engine
        self.postgres = postgres
        self.due = due
    }

    /// - Returns: how many lanes got a head.
    package func callAsFunction() async throws -> Int {
        let keys = try await self.engine.run { connection in
            try connection.query(
                """
                SELECT l.org_id, l.conversation_id, l.urgent FROM lanes l
                  LEFT JOIN outbox o ON o.org_id = l.org_id AND o.message_id = l.head
                   AND o.state IN ('ready', 'leased', 'uncertain')
                 WHERE l.waiting > 0 AND o.message_id IS NULL
                 LIMIT \(Self.batch)::int
                """
            ).map { row in
                let isUrgent: Bool = try row.get("urgent")
                return LaneKey(
                    orgID: try row.get("org_id"),
                    conversationID: try row.get("conversation_id"),
                    urgency: isUrgent ? .otp : .ordinary
                )
            }
        }
        var mended = 0
        for key in keys where try await self.mend(key) { mended += 1 }
        return mended
    }

    /// Looks again under the lane's lock: a message may have entered or left meanwhile.
    private func mend(_ key: LaneKey) async throws -> Bool {
        let promoted = try await self.postgres.transaction(for: [key.orgID]) { connection -> [DueAccount] in
            guard var lane = try QueueStore.makeLanes([key], on: connection)[key], let head = lane.head else {
                return []
            }
            let isThere = try !connection.query(
                """
                SELECT FROM outbox
                 WHERE org_id = \(key.orgID) AND message_id = \(head) AND state IN ('ready', 'leased', 'uncertain')
                """
            ).isEmpty
            guard !isThere else { return [] }
            lane.leave(head)
            let now = try OrgClocks(try connection.query(OrgClocks.read([key.orgID]))).now(of: key.orgID)
            return try QueueStore.promoted(in: [try connection.query(QueueStore.promote(in: lane, now: now))])
        }
        self.due.add(promoted)
        return !promoted.isEmpty
    }
}
