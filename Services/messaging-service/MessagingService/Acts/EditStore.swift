import Postgres
import Shared

/// The statement that writes an edit.
enum EditStore {
    /// - Returns: false when the message is not as it was when the edit was read.
    static func update(
        _ current: MessageResource,
        to target: EditTarget,
        _ edit: MessageEdit,
        on connection: isolated PostgresConnection
    ) throws(PostgresError) -> Bool {
        let message = edit.message
        return try !connection.query(
            """
            UPDATE messages SET
                recipient = \(target.address), customer_id = \(target.customerID),
                conversation_id = \(target.conversationID), account_id = \(target.accountID),
                category = \(message.category), content = \(message.content.json.text)::json, parameters = NULL,
                reference = \(message.reference), metadata = \(message.metadata?.text)::json,
                retry_delays = \(edit.retryPolicy.milliseconds)::int[], on_uncertain = \(message.onUncertain),
                scheduled_at = \(message.scheduledAt), expires_at = \(message.expiresAt)
             WHERE org_id = \(current.orgID) AND id = \(current.id)
               AND recipient = \(current.address) AND (content IS NULL OR content::text = \(current.content.text))
               AND category = \(current.category) AND on_uncertain = \(current.onUncertain)
               AND retry_delays = \(current.retryPolicy.milliseconds)::int[]
               AND reference IS NOT DISTINCT FROM \(current.reference)
               AND metadata::text IS NOT DISTINCT FROM \(current.metadata?.text)
               AND scheduled_at IS NOT DISTINCT FROM \(current.scheduledAt)
               AND expires_at IS NOT DISTINCT FROM \(current.expiresAt)
            RETURNING 1
            """
        ).isEmpty
    }
}
