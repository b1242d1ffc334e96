import Postgres
import Shared

extension CreationStore {
    /// Gives messages that are due their places, in the order of the batch; the lanes stay locked until the commit.
    ///
    /// One statement for all lanes: it makes those that do not exist, and what it returns says which messages came first.
    static func enterLanes(
        _ messages: [PreparedMessage],
        on connection: isolated PostgresConnection
    ) throws -> [QueueRow] {
        let lanes = Dictionary(grouping: messages.filter(\.isDue), by: \.laneKey)
        let entered = try self.entered(lanes, on: connection)
        var places: [MessageID: (place: Int, state: QueueState, dueAt: Timestamp)] = [:]
        for (key, messages) in lanes {
            guard let lane = entered[key] else { throw Problem.internal }
            for (index, message) in messages.enumerated() {
                places[message.id] = (
                    lane.nextPlace - messages.count + index, lane.head == message.id ? .ready : .waiting,
                    lane.freeAt ?? .epoch
                )
            }
        }
        return messages.map { message in
            let place = places[message.id]
            return QueueRow(
                key: MessageKey(orgID: message.request.orgID, id: message.id),
                accountID: message.account.id,
                channel: message.channel,
                category: message.request.message.category,
                conversationID: message.conversationID,
                expiresAt: message.request.message.expiresAt,
                state: place?.state ?? .scheduled,
                place: place?.place,
                dueAt: place?.dueAt ?? message.request.message.scheduledAt ?? message.createdAt
            )
        }
    }

    /// The lanes after all messages entered; the first takes the head if nobody has it.
    private static func entered(
        _ lanes: [LaneKey: [PreparedMessage]],
        on connection: isolated PostgresConnection
    ) throws -> [LaneKey: Lane] {
        guard !lanes.isEmpty else { return [:] }
        let keys = lanes.keys.sorted()
        let counts = keys.map { lanes[$0]?.count ?? 0 }
        let sql: SQL = """
            INSERT INTO lanes AS l (org_id, conversation_id, urgent, next_place, head, waiting)
            SELECT org_id, conversation_id, urgent, entering, first, entering - 1
              FROM unnest(
                \(keys.map(\.orgID))::uuid[], \(keys.map(\.conversationID))::uuid[],
                \(keys.map { $0.urgency == .otp })::boolean[], \(counts)::int[], \(keys.map { lanes[$0]?.first?.id })::uuid[]
              ) AS r (org_id, conversation_id, urgent, entering, first)
             ORDER BY 1, 2, 3
            ON CONFLICT (org_id, conversation_id, urgent) DO UPDATE SET
                next_place = l.next_place + EXCLUDED.next_place,
                head = coalesce(l.head, EXCLUDED.head),
                waiting = l.waiting + EXCLUDED.waiting + CASE WHEN l.head IS NULL THEN 0 ELSE 1 END
            RETURNING l.org_id, l.conversation_id, l.urgent, l.next_place, l.head, l.waiting, l.free_at
            """
        return try QueueStore.lanes(in: connection.query(sql))
    }
}
