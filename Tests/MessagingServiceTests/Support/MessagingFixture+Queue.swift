import InternalAPI
import Postgres
import Shared
import TestSupport

@testable import MessagingService

/// Long queues.
extension MessagingFixture {
    /// Queues one message, and copies of it that are due: each in a conversation of its own, or all behind it.
    func fillQueue(_ count: Int, state: String = "ready") async throws -> AccountKey {
        try await self.send()
        try await self.rows(
            """
            WITH copies AS (
                INSERT INTO messages (org_id, id, channel, category, status, recipient, customer_id, conversation_id,
                    account_id, content, retry_delays, on_uncertain, created_at, updated_at)
                SELECT org_id, gen_random_uuid(), channel, category, status, recipient, customer_id,
                       CASE WHEN \(state) = 'waiting' THEN conversation_id ELSE gen_random_uuid() END,
                       account_id, content, retry_delays, on_uncertain, created_at, updated_at
                  FROM messages, generate_series(1, \(count)::int)
                RETURNING org_id, id, account_id, conversation_id)
            INSERT INTO outbox (org_id, message_id, account_id, channel, class, conversation_id, state, place, due_at)
            SELECT org_id, id, account_id, 'sandbox', 1, conversation_id, \(state)::queue_state,
                   CASE WHEN \(state) <> 'scheduled' THEN row_number() OVER () END, now()
              FROM copies
            """
        )
        let accountID: AccountID = try await self.row("SELECT id FROM channel_accounts").get("id")
        return AccountKey(orgID: self.orgID, accountID: accountID)
    }

    /// Has the database count the queue, as it does by itself when much of it changed.
    func countQueue() async throws {
        let superuser = try await PostgresConnection(TestDatabase.url(as: "postgres"))
        try await superuser.execute(script: "ANALYZE outbox")
        await superuser.close()
    }
}
