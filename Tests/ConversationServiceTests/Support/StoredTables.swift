import Postgres
import Shared
import TestSupport

/// Every row of an organization, as text, without the ids that differ each time.
struct StoredTables: Sendable, Equatable {
    let conversations: [String]
    let activities: [String]
    let events: [String]

    init(of orgID: OrgID) async throws {
        self = try await TestDatabase.connection.transaction(for: [orgID]) { connection in
            StoredTables(
                conversations: try connection.query(
                    """
                    SELECT concat_ws(' ', customer_id, account_id, channel, address_kind, address, address_at, status,
                                     coalesce(assignee, '-'), unread_count, coalesce(last_inbound_at::text, '-'),
                                     coalesce(read_at::text, '-'), coalesce(closed_at::text, '-'),
                                     coalesce(reopened_at::text, '-'), active_at, created_at, updated_at) AS line
                      FROM conversations ORDER BY line
                    """
                ).map { try $0.get("line") },
                activities: try connection.query(
                    """
                    SELECT concat_ws(' ', a.customer_id, c.account_id, a.at, a.type, a.actor, coalesce(a.detail::text, '-'),
                                     coalesce(a.cause, '-')) AS line
                      FROM activities a JOIN conversations c ON c.org_id = a.org_id AND c.id = a.conversation_id
                     ORDER BY line
                    """
                ).map { try $0.get("line") },
                events: try connection.query(
                    """
                    SELECT concat_ws(' ', e.account_id, e.event_key, c.customer_id, e.received_at) AS line
                      FROM received_events e JOIN conversations c ON c.org_id = e.org_id AND c.id = e.conversation_id
                     ORDER BY line
                    """
                ).map { try $0.get("line") }
            )
        }
    }

    private init(conversations: [String], activities: [String], events: [String]) {
        self.conversations = conversations
        self.activities = activities
        self.events = events
    }
}
