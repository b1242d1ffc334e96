import Foundation
import InternalAPI
import MessagingService
import Postgres
import Shared
import TestSupport
import Testing

/// The one statement that must not grow slower with the queue.
@Suite(.messaging) struct ClaimCostTests {
    @Test func theClaimReadsNoMoreRowsThanItTakes() async throws {
        let fixture = try MessagingFixture()
        try await fixture.send()
        try await self.fillQueue(of: fixture, count: 20_000)
        let lane = Lane(
            orgID: fixture.orgID,
            accountID: try await fixture.row("SELECT id FROM channel_accounts").get("id")
        )
        let plan = try await fixture.postgres.transaction(for: [fixture.orgID]) { connection in
            try connection.explain(
                OutboxStore.claim(atMost: 10, of: lane, for: fixture.worker, leaseTime: .seconds(60))
            )
        }
        let text = plan.joined(separator: "\n")
        #expect(text.contains("Index Scan using outbox_claimable"), "\(text)")
        #expect(!text.contains("Seq Scan"), "\(text)")
        // No row is read to be thrown away, though nobody has counted the table yet.
        #expect(!text.contains("Rows Removed by Filter"), "\(text)")
        // The walk along the index stops at the limit: the rows of the scans are those that were taken.
        let scanned = plan.filter { $0.contains("outbox_claimable") }.compactMap(Self.actualRows)
        #expect(scanned.reduce(0, +) <= 11, "\(text)")
    }

    private static func actualRows(_ line: String) -> Int? {
        guard let range = line.range(of: "actual rows=") else { return nil }
        return Int(line[range.upperBound...].prefix { $0.isNumber })
    }

    /// Queues copies of the one message there is.
    private func fillQueue(of fixture: MessagingFixture, count: Int) async throws {
        _ = try await fixture.postgres.transaction(for: [fixture.orgID]) { connection in
            try connection.query(
                """
                WITH copies AS (
                    INSERT INTO messages (org_id, id, channel, category, status, recipient, customer_id, conversation_id,
                        account_id, content, retry_delays, on_uncertain, created_at, updated_at)
                    SELECT org_id, gen_random_uuid(), channel, category, status, recipient, customer_id, conversation_id,
                           account_id, content, retry_delays, on_uncertain, created_at, updated_at
                      FROM messages, generate_series(1, \(count)::int)
                    RETURNING org_id, id, account_id)
                INSERT INTO outbox (org_id, message_id, account_id, class, due_at)
                SELECT org_id, id, account_id, 1, now() FROM copies
                """
            )
        }
    }
}
