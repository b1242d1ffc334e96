import AuditTrail
import Postgres
import Shared

extension CreationStore {
    static func insertMessages(_ messages: [PreparedMessage]) -> SQL {
        """
        INSERT INTO messages (org_id, id, channel, category, status, recipient, customer_id, conversation_id, account_id,
            content, reference, metadata, retry_delays, on_uncertain, scheduled_at, next_attempt_at, expires_at,
            created_at, updated_at, queued_at)
        SELECT org_id, id, channel, category, status, recipient, customer_id, conversation_id, account_id,
               content::json, reference, metadata::json, retry_delays::int[], on_uncertain, scheduled_at,
               coalesce(scheduled_at, created_at), expires_at, created_at, created_at, queued_at
          FROM unnest(
            \(messages.map(\.request.orgID))::uuid[], \(messages.map(\.id))::uuid[],
            \(messages.map(\.channel))::channel[], \(messages.map(\.request.message.category))::message_category[],
            \(messages.map(\.status))::message_status[], \(messages.map(\.address.value))::text[],
            \(messages.map(\.customerID))::uuid[], \(messages.map(\.conversationID))::uuid[],
            \(messages.map(\.account.id))::uuid[], \(messages.map(\.content.text))::text[],
            \(messages.map(\.request.message.reference))::text[],
            \(messages.map { $0.request.message.metadata?.text })::text[],
            \(messages.map { $0.retryPolicy.milliseconds.postgresText })::text[], \(messages.map(\.request.message.onUncertain))::uncertain_policy[],
            \(messages.map(\.request.message.scheduledAt))::timestamptz[],
            \(messages.map(\.request.message.expiresAt))::timestamptz[],
            \(messages.map(\.createdAt))::timestamptz[],
            \(messages.map { $0.isDue ? $0.createdAt : nil })::timestamptz[]
          ) AS r (org_id, id, channel, category, status, recipient, customer_id, conversation_id, account_id, content,
                  reference, metadata, retry_delays, on_uncertain, scheduled_at, expires_at, created_at, queued_at)
        """
    }

    static func audit(_ messages: [PreparedMessage]) -> SQL {
        AuditStore.insert(
            messages.map { message in
                AuditRecord(
                    orgID: message.request.orgID,
                    actor: message.request.actor,
                    action: .created,
                    entityType: .message,
                    entityID: message.id.uuid,
                    requestID: message.request.requestID
                )
            }
        )
    }
}
