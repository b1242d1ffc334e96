import InternalAPI
import Postgres
import Shared

/// The statements on the table `conversation_windows`.
enum WindowStore {
    /// Notes when customers wrote; of several messages the latest counts, in whichever order they come.
    ///
    /// WhatsApp tells times to the second: of two in the same one, under a number and under a user id, the address that sorts last
    /// stays, as in the conversation itself.
    static func open(_ messages: [ReceivedMessage], clocks: OrgClocks) -> SQL {
        """
        INSERT INTO conversation_windows AS w (org_id, conversation_id, account_id, address, last_inbound_at)
        SELECT DISTINCT ON (org_id, conversation_id) * FROM unnest(
            \(messages.map(\.item.orgID))::uuid[], \(messages.map(\.item.conversationID))::uuid[],
            \(messages.map(\.item.accountID))::uuid[], \(messages.map(\.sender.value))::text[],
            \(messages.map { $0.shownTime(clocks) })::timestamptz[]
          ) AS r (org_id, conversation_id, account_id, address, last_inbound_at)
         ORDER BY org_id, conversation_id, last_inbound_at DESC, address COLLATE "C" DESC
        ON CONFLICT (org_id, conversation_id) DO UPDATE SET
            account_id = EXCLUDED.account_id, address = EXCLUDED.address, last_inbound_at = EXCLUDED.last_inbound_at
         WHERE (w.last_inbound_at, w.address COLLATE "C") < (EXCLUDED.last_inbound_at, EXCLUDED.address COLLATE "C")
        """
    }
}
