import Postgres
import Shared

extension StoredMessage {
    init(_ row: Row, queueRow: QueueRow?) throws(PostgresError) {
        let code: String? = try row.getIfPresent("error_code")
        let detail: String? = try row.getIfPresent("error_detail")
        let failureClass: FailureClass? = try row.getIfPresent("error_class")
        self.init(
            orgID: try row.get("org_id"),
            id: try row.get("id"),
            accountID: try row.get("account_id"),
            conversationID: try row.get("conversation_id"),
            channel: try row.get("channel"),
            category: try row.get("category"),
            direction: try row.get("direction"),
            status: try row.get("status"),
            moments: Moments(
                sentAt: try row.getIfPresent("sent_at"),
                deliveredAt: try row.getIfPresent("delivered_at"),
                readAt: try row.getIfPresent("read_at")
            ),
            lastAttempt: try row.get("last_attempt"),
            attemptCount: try row.get("attempt_count"),
            retryPolicy: RetryPolicy(milliseconds: try row.get("retry_delays")),
            scheduledAt: try row.getIfPresent("scheduled_at"),
            expiresAt: try row.getIfPresent("expires_at"),
            onUncertain: try row.get("on_uncertain"),
            canBeAsked: try row.get("provider", as: ProviderKind.self).canBeAsked,
            error: code.map { (ProviderError(code: $0, detail: detail ?? ""), failureClass ?? .permanent) },
            isErased: try row.get("is_erased"),
            traceParent: try row.getIfPresent("trace_parent"),
            row: queueRow
        )
    }
}

extension Settlement.Attempt {
    init(_ row: Row) throws(PostgresError) {
        let code: String? = try row.getIfPresent("error_code")
        let detail: String? = try row.getIfPresent("error_detail")
        self.init(
            number: try row.get("number"),
            state: try row.get("state"),
            worker: try row.getIfPresent("worker"),
            startedAt: try row.getIfPresent("started_at"),
            endedAt: try row.getIfPresent("ended_at"),
            providerMessageID: try row.getIfPresent("provider_message_id"),
            error: code.map { ProviderError(code: $0, detail: detail ?? "") },
            failureClass: try row.getIfPresent("error_class"),
            retryAt: try row.getIfPresent("retry_at")
        )
    }
}
