import InternalAPI
import Postgres
import Shared

/// The statements that lock and write rows of the queue with their lanes.
///
/// Everything that waits for locks takes them in one order: messages, lanes, outbox rows, account flows, each by key.
/// Claims take rows of the outbox that nobody has (`SKIP LOCKED`), and wait for no lane.
enum QueueStore {
    /// Locks the lanes of messages; to be asked after the messages are locked.
    static func lockLanes(of keys: [MessageKey]) -> SQL {
        """
        SELECT l.org_id, l.conversation_id, l.urgent, l.next_place, l.head, l.waiting, l.free_at
          FROM unnest(\(keys.map(\.orgID))::uuid[], \(keys.map(\.id))::uuid[]) AS k (org_id, id)
          JOIN messages m ON m.org_id = k.org_id AND m.id = k.id
          JOIN lanes l ON l.org_id = m.org_id AND l.conversation_id = m.conversation_id
                      AND l.urgent = (m.category = 'otp')
         ORDER BY l.org_id, l.conversation_id, l.urgent
           FOR UPDATE OF l
        """
    }

    static func lockRows(of keys: [MessageKey]) -> SQL {
        """
        SELECT o.org_id, o.message_id, o.account_id, o.channel, m.category, o.conversation_id, o.expires_at, o.state,
               o.place, o.due_at, o.hold_until, o.checks, o.failing_since, o.crashes, o.epoch, o.worker, o.incarnation,
               o.lease_call, o.leased_at, o.lease_until
          FROM unnest(\(keys.map(\.orgID))::uuid[], \(keys.map(\.id))::uuid[]) AS k (org_id, id)
          JOIN messages m ON m.org_id = k.org_id AND m.id = k.id
          JOIN outbox o ON o.org_id = k.org_id AND o.message_id = k.id
         ORDER BY o.org_id, o.message_id
           FOR UPDATE OF o
        """
    }

    /// Makes the lanes that do not exist yet, and locks them; a lane exists from its first message on.
    static func makeLanes(_ keys: [LaneKey], on connection: isolated PostgresConnection) throws -> [LaneKey: Lane] {
        guard !keys.isEmpty else { return [:] }
        let sorted = keys.sorted()
        let (orgs, conversations) = (sorted.map(\.orgID), sorted.map(\.conversationID))
        let urgent = sorted.map { $0.urgency == .otp }
        let results = try connection.pipeline([
            """
            INSERT INTO lanes (org_id, conversation_id, urgent)
            SELECT * FROM unnest(\(orgs)::uuid[], \(conversations)::uuid[], \(urgent)::boolean[]) AS r (o, c, u)
             ORDER BY 1, 2, 3
            ON CONFLICT (org_id, conversation_id, urgent) DO NOTHING
            """,
            """
            SELECT l.org_id, l.conversation_id, l.urgent, l.next_place, l.head, l.waiting, l.free_at
              FROM unnest(\(orgs)::uuid[], \(conversations)::uuid[], \(urgent)::boolean[]) AS r (o, c, u)
              JOIN lanes l ON l.org_id = r.o AND l.conversation_id = r.c AND l.urgent = r.u
             ORDER BY l.org_id, l.conversation_id, l.urgent
               FOR UPDATE OF l
            """,
        ])
        return try self.lanes(in: results[1])
    }

    static func lanes(in rows: [Row]) throws -> [LaneKey: Lane] {
        var lanes: [LaneKey: Lane] = [:]
        for row in rows {
            let lane = try Lane(row)
            lanes[lane.key] = lane
        }
        return lanes
    }

    static func rows(in rows: [Row]) throws -> [MessageKey: QueueRow] {
        var queue: [MessageKey: QueueRow] = [:]
        for row in rows {
            let row = try QueueRow(row)
            queue[row.key] = row
        }
        return queue
    }
}

extension Lane {
    init(_ row: Row) throws {
        let isUrgent: Bool = try row.get("urgent")
        self.init(
            key: LaneKey(
                orgID: try row.get("org_id"),
                conversationID: try row.get("conversation_id"),
                urgency: isUrgent ? .otp : .ordinary
            ),
            nextPlace: try row.get("next_place"),
            head: try row.getIfPresent("head"),
            waiting: try row.get("waiting"),
            freeAt: try row.getIfPresent("free_at")
        )
    }
}

extension QueueRow {
    init(_ row: Row) throws {
        self.init(
            key: MessageKey(orgID: try row.get("org_id"), id: try row.get("message_id")),
            accountID: try row.get("account_id"),
            channel: try row.get("channel"),
            category: try row.get("category"),
            conversationID: try row.get("conversation_id"),
            expiresAt: try row.getIfPresent("expires_at"),
            state: try row.get("state"),
            place: try row.getIfPresent("place"),
            dueAt: try row.get("due_at")
        )
        self.holdUntil = try row.getIfPresent("hold_until")
        self.checks = try row.get("checks")
        self.failingSince = try row.getIfPresent("failing_since")
        self.crashes = try row.get("crashes")
        self.epoch = try row.get("epoch")
        guard let name: String = try row.getIfPresent("worker") else { return }
        let worker = MessagingAPI.WorkerIdentity(name: name, incarnation: try row.get("incarnation"))
        guard self.state == .leased else {
            self.heldBy = worker
            return
        }
        self.lease = Lease(
            worker: worker,
            call: try row.get("lease_call"),
            leasedAt: try row.get("leased_at"),
            leaseUntil: try row.get("lease_until")
        )
    }
}
