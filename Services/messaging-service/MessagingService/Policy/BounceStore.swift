import InternalAPI
import Postgres
import Shared

/// The statements on the table `bounced_messages`.
enum BounceStore {
    /// Notes messages whose recipients' addresses take no mail for good; nil when there is none.
    static func note(_ settlements: [Settlement]) -> SQL? {
        let bounced = settlements.filter(\.hasBounced)
        guard !bounced.isEmpty else { return nil }
        return """
            INSERT INTO bounced_messages (org_id, message_id)
            SELECT * FROM unnest(\(bounced.map(\.stored.orgID))::uuid[], \(bounced.map(\.stored.id))::uuid[])
            ON CONFLICT (org_id, message_id) DO NOTHING
            """
    }

    /// Those that were not told yet, of every organization; the engine's.
    static func untold(atMost limit: Int) -> SQL {
        "SELECT org_id, message_id FROM bounced_messages ORDER BY org_id, message_id LIMIT \(limit)::int"
    }

    /// The addresses that they went to; without those that were erased or deleted meanwhile.
    static func addresses(of messages: [MessageKey]) -> SQL {
        """
        SELECT m.org_id, m.id, m.recipient
          FROM unnest(\(messages.map(\.orgID))::uuid[], \(messages.map(\.id))::uuid[]) AS r (org_id, id)
          JOIN messages m ON m.org_id = r.org_id AND m.id = r.id AND m.channel = 'email' AND m.erased_at IS NULL
        """
    }

    static func forget(_ messages: [MessageKey]) -> SQL {
        """
        DELETE FROM bounced_messages b
         USING unnest(\(messages.map(\.orgID))::uuid[], \(messages.map(\.id))::uuid[]) AS r (org_id, message_id)
         WHERE b.org_id = r.org_id AND b.message_id = r.message_id
        """
    }
}
