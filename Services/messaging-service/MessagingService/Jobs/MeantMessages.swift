import Postgres
import Shared

/// The messages that a bulk act means, found in steps of a bounded size along the shortest index that has them all.
struct MeantMessages: Sendable {
    /// Where they are looked for.
    enum Source: Sendable {
        /// Only unfinished ones are meant: the outbox has them.
        case unfinished
        case failed
        case all
    }

    let orgID: OrgID
    let filter: BulkFilter
    /// Those of the filter in which the act is possible at all.
    let statuses: [MessageStatus]

    init(_ filter: BulkFilter, for action: JobAction, of orgID: OrgID) {
        self.orgID = orgID
        self.filter = filter
        self.statuses = action.statuses.filter { filter.messages.statuses?.contains($0) ?? true }
    }

    var source: Source {
        if self.statuses == [.failed] { return .failed }
        let unfinished: Set<MessageStatus> = [.scheduled, .queued, .sending, .uncertain]
        return Set(self.statuses).isSubset(of: unfinished) ? .unfinished : .all
    }

    /// How many there are; no row when there are none.
    var count: SQL {
        """
        SELECT count(*) AS count, max(m.id::text)::uuid AS last_id FROM \(self.ids)
          JOIN message_states m ON m.org_id = \(self.orgID) AND m.id = source.id
         WHERE \(self.conditions)
        """
    }

    /// The next ids of the source, whether or not the filter means them.
    func window(after cursor: MessageID?, upTo last: MessageID, limit: Int) -> SQL {
        """
        SELECT source.id FROM \(self.ids)
         WHERE (\(cursor)::uuid IS NULL OR source.id > \(cursor)) AND source.id <= \(last)
         ORDER BY source.id LIMIT \(limit)::int
        """
    }

    /// Which of `ids` the filter means.
    func meant(among ids: [MessageID]) -> SQL {
        """
        SELECT m.id FROM unnest(\(ids)::uuid[]) AS source (id)
          JOIN message_states m ON m.org_id = \(self.orgID) AND m.id = source.id
         WHERE \(self.conditions)
         ORDER BY m.id
        """
    }

    private var ids: SQL {
        if let broadcastID = self.filter.messages.broadcastID {
            return "(SELECT id FROM messages WHERE org_id = \(self.orgID) AND broadcast_id = \(broadcastID)) AS source"
        }
        return switch self.source {
        case .unfinished: "(SELECT message_id AS id FROM outbox WHERE org_id = \(self.orgID)) AS source"
        case .failed: "(SELECT message_id AS id FROM dead_letters WHERE org_id = \(self.orgID)) AS source"
        case .all: "(SELECT id FROM messages WHERE org_id = \(self.orgID)) AS source"
        }
    }

    private var conditions: SQL {
        let filter = self.filter.messages
        return """
            m.direction = 'outbound' AND m.current_status = ANY (\(self.statuses)::message_status[])
               AND (\(filter.channels)::channel[] IS NULL OR m.channel = ANY (\(filter.channels)))
               AND (\(filter.conversationID)::uuid IS NULL OR m.conversation_id = \(filter.conversationID))
               AND (\(filter.customerID)::uuid IS NULL OR m.customer_id = \(filter.customerID))
               AND (\(filter.accountID)::uuid IS NULL OR m.account_id = \(filter.accountID))
               AND (\(filter.broadcastID)::uuid IS NULL OR m.broadcast_id = \(filter.broadcastID))
               AND (\(filter.reference)::text IS NULL OR m.reference = \(filter.reference))
               AND (\(filter.createdAfter)::timestamptz IS NULL OR m.created_at > \(filter.createdAfter))
               AND (\(filter.createdBefore)::timestamptz IS NULL OR m.created_at < \(filter.createdBefore))
               AND (\(self.filter.errorCode)::text IS NULL OR m.error_code = \(self.filter.errorCode))
            """
    }
}
