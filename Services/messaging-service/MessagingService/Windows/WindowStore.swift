import InternalAPI
import Postgres
import Shared

/// The statements on the table `conversation_windows`.
enum WindowStore {
    /// Notes when customers wrote; of several messages the latest counts, in whichever order they come.
    static func open(_ messages: [ReceivedMessage], clocks: OrgClocks) -> SQL {
        """
        INSERT INTO conversation_windows AS w (org_id, conversation_id, account_id, address, last_inbound_at)
        SELECT DISTINCT ON (org_id, conversation_id) * FROM unnest(
            \(messages.map(\.item.orgID))::uuid[], \(messages.map(\.item.conversationID))::uuid[],
            \(messages.map(\.item.accountID))::uuid[], \(messages.map(\.sender.value))::text[],
            \(messages.map { $0.shownTime(clocks) })::timestamptz[]
          ) AS r (org_id, conversation_id, account_id, address, last_inbound_at)
         ORDER BY org_id, conversation_id, last_inbound_at DESC
        ON CONFLICT (org_id, conversation_id) DO UPDATE SET
            account_id = EXCLUDED.account_id, address = EXCLUDED.address, last_inbound_at = EXCLUDED.last_inbound_at
         WHERE w.last_inbound_at < EXCLUDED.last_inbound_at
        """
    }
}
