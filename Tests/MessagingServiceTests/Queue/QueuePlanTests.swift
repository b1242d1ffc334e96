import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// A queue is often empty when Postgres counts it; a minute later it may have a million messages.
@Suite(.messaging) struct QueuePlanTests {
    private static let some = 10
    /// Of a small queue it may read all: that is as cheap as going to each row.
    private static let many = 20_000

    @Test func rowsAreFoundByTheirKeysThoughTheQueueWasEmptyWhenItWasCounted() async throws {
        let fixture = try MessagingFixture()
        _ = try await fixture.fillQueue(Self.many)
        try await fixture.countQueueAsEmpty()
        let ids = try await fixture.rows("SELECT message_id FROM outbox ORDER BY message_id LIMIT \(Self.some)::int")
        let keys = try ids.map { MessageKey(orgID: fixture.orgID, id: try $0.get("message_id")) }
        let reads = try await fixture.postgres.transaction(for: [fixture.orgID], plans: .kept) { connection in
            let before = try Self.reads(on: connection)
            #expect(try connection.pipeline(QueueStore.lockRows(of: keys)).joined().count == Self.some)
            try connection.pipeline(QueueStore.delete(keys))
            return try Self.reads(on: connection) - before
        }
        #expect(reads == 2 * Self.some)
        #expect(try await fixture.row("SELECT count(*) AS count FROM outbox").get("count") == Self.many + 1 - Self.some)
    }

    @Test func aClaimWritesWhatItFoundAndReadsNothingElse() async throws {
        let fixture = try MessagingFixture()
        let account = try await fixture.fillQueue(Self.many)
        try await fixture.countQueueAsEmpty()
        let share = ClaimStore.Share(account: account, limit: Self.some, now: .now, kind: .all)
        let claimant = ClaimStore.Claimant(worker: fixture.worker, call: 1, leaseTime: .seconds(60))
        let reads = try await fixture.postgres.transaction(for: [fixture.orgID]) { connection in
            let before = try Self.reads(on: connection)
            #expect(try connection.query(ClaimStore.claim(share, for: claimant)).count == Self.some)
            return try Self.reads(on: connection) - before
        }
        #expect(reads == Self.some)
    }

    /// Rows of the queue that indexes led to, in this session.
    private static func reads(on connection: isolated PostgresConnection) throws -> Int {
        try connection.query("SELECT idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'outbox'")[0]
            .get("idx_tup_fetch")
    }
}
