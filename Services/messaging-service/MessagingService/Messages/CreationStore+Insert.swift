import AuditTrail
import Postgres
import Shared

extension CreationStore {
    static func insertMessages(_ messages: [PreparedMessage]) -> SQL {
        """
        INSERT INTO messages (org_id, id, channel, category, status, recipient, customer_id, conversation_id, account_id,
            content, reference, metadata, retry_delays, on_uncertain, scheduled_at, next_attempt_at, expires_at,
            created_at, updated_at, queued_at, error_code, error_detail, error_class, is_exempt, broadcast_id,
            parameters, trace_parent)
        SELECT org_id, id, channel, category, status, recipient, customer_id, conversation_id, account_id,
               content::json, reference, metadata::json, retry_delays::int[], on_uncertain, scheduled_at,
               CASE WHEN error_code IS NULL THEN coalesce(scheduled_at, created_at) END, expires_at, created_at, created_at,
               queued_at, error_code, error_detail, CASE WHEN error_code IS NOT NULL THEN 'permanent'::failure_class END,
               is_exempt, broadcast_id, parameters::json, trace_parent
          FROM unnest(
            \(messages.map(\.request.orgID))::uuid[], \(messages.map(\.id))::uuid[],
            \(messages.map(\.channel))::channel[], \(messages.map(\.request.message.category))::message_category[],
            \(messages.map(\.status))::message_status[], \(messages.map(\.address.value))::text[],
            \(messages.map(\.customerID))::uuid[], \(messages.map(\.conversationID))::uuid[],
            \(messages.map(\.account.id))::uuid[], \(messages.map { $0.content?.text })::text[],
            \(messages.map(\.request.message.reference))::text[],
            \(messages.map { $0.request.message.metadata?.text })::text[],
            \(messages.map { $0.retryPolicy.milliseconds.postgresText })::text[], \(messages.map(\.request.message.onUncertain))::uncertain_policy[],
            \(messages.map(\.request.message.scheduledAt))::timestamptz[],
            \(messages.map(\.request.message.expiresAt))::timestamptz[],
            \(messages.map(\.createdAt))::timestamptz[],
            \(messages.map { $0.isDue ? $0.createdAt : nil })::timestamptz[],
            \(messages.map { $0.block?.code })::text[], \(messages.map { $0.block?.detail })::text[],
            \(messages.map(\.isExempt))::boolean[], \(messages.map { $0.share?.broadcastID })::uuid[],
            \(messages.map { $0.share?.parameters })::text[], \(messages.map(\.request.traceParent))::text[]
          ) AS r (org_id, id, channel, category, status, recipient, customer_id, conversation_id, account_id, content,
                  reference, metadata, retry_delays, on_uncertain, scheduled_at, expires_at, created_at, queued_at,
                  error_code, error_detail, is_exempt, broadcast_id, parameters, trace_parent)
        """
    }

    static func audit(_ messages: [PreparedMessage]) -> SQL {
        let created = messages.map { message in
            AuditRecord(
                orgID: message.request.orgID,
                actor: message.request.actor,
                action: .created,
                entityType: .message,
                entityID: message.id.uuid,
                requestID: message.request.requestID
            )
        }
        let blocked = messages.compactMap { message in
            message.block.map { block in
                AuditRecord(
                    orgID: message.request.orgID,
                    actor: Activity.engine,
                    action: .blockedByPolicy,
                    entityType: .message,
                    entityID: message.id.uuid,
                    requestID: message.request.requestID,
                    detail: ["code": .string(block.code)]
                )
            }
        }
        return AuditStore.insert(created + blocked)
    }
}
