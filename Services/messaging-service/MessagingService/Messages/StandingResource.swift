import Postgres
import Shared

/// Where an unfinished message stands at this moment, and what it waits for.
struct StandingResource: Sendable {
    let state: QueueState
    let epoch: Int
    let worker: String?
    let leasedAt: Timestamp?
    let dueAt: Timestamp
    let holdUntil: Timestamp?
    /// The end of the quiet hours for which it was put off last.
    let quietUntil: Timestamp?
    /// The first of its lane.
    let head: MessageID?
    let gate: AccountGate
    /// Whether the organization's queue, or everything, is paused.
    let isPaused: Bool
    /// By the organization's clock.
    let now: Timestamp

    init(_ row: Row) throws(PostgresError) {
        self.state = try row.get("state")
        self.epoch = try row.get("epoch")
        self.worker = try row.getIfPresent("worker")
        self.leasedAt = try row.getIfPresent("leased_at")
        self.dueAt = try row.get("due_at")
        self.holdUntil = try row.getIfPresent("hold_until")
        self.quietUntil = try row.getIfPresent("quiet_until")
        self.head = try row.getIfPresent("head")
        self.gate = try AccountGate(row)
        self.isPaused = try row.get("is_paused")
        self.now = try row.get("now")
    }

    static func of(_ id: MessageID, _ orgID: OrgID) -> SQL {
        """
        SELECT o.state, o.epoch, o.worker, o.leased_at, o.due_at, o.hold_until, l.head, f.gate, f.gate_since, f.gate_by,
               f.gate_reason, f.probe_at, coalesce(e.paused_at, s.paused_at, e.fenced_at) IS NOT NULL AS is_paused,
               q.retry_at AS quiet_until, clock_timestamp() + coalesce(s.clock_offset, 0) * interval '1 microsecond' AS now
          FROM outbox o
          JOIN account_flows f ON f.org_id = o.org_id AND f.account_id = o.account_id
          CROSS JOIN engine_state e
          LEFT JOIN lanes l ON l.org_id = o.org_id AND l.conversation_id = o.conversation_id AND l.urgent = o.urgent
          LEFT JOIN org_settings s ON s.org_id = o.org_id
          LEFT JOIN attempts q ON q.org_id = o.org_id AND q.message_id = o.message_id AND q.number = o.epoch
                              AND q.error_code = \(ProviderError.quietHoursCode)
         WHERE o.org_id = \(orgID) AND o.message_id = \(id)
        """
    }

    /// What holds it up, as name and detail; nil when it is being sent, or only has to be taken.
    var wait: (gate: String, detail: JSONValue)? {
        switch self.state {
        case .scheduled:
            // Somebody may have given it another time since.
            guard self.quietUntil == self.dueAt else { return ("schedule", ["due_at": .text(self.dueAt)]) }
            return (ProviderError.quietHoursCode, ["until": .text(self.dueAt)])
        case .waiting:
            return ("order", ["behind": .text(self.head)])
        case .uncertain:
            return ("evidence", ["until": .text(self.holdUntil)])
        case .held:
            return ("decision", ["resolve": "POST /api/v1/messages/{id}/resolve"])
        case .leased:
            return nil
        case .ready:
            if self.isPaused { return ("pause", [:]) }
            if self.gate.gate != .open { return ("account", self.gate.json) }
            return self.dueAt > self.now ? ("time", ["due_at": .text(self.dueAt)]) : ("turn", [:])
        }
    }
}
