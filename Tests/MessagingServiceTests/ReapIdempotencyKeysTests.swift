import MessagingService
import Postgres
import Shared
import TestSupport
import Testing

@Suite(.messaging) struct ReapIdempotencyKeysTests {
    @Test func keysLiveForSevenDays() async throws {
        let fixture = try MessagingFixture()
        _ = try await fixture.postgres.transaction(for: [fixture.orgID]) { connection in
            try connection.query(
                """
                INSERT INTO idempotency_keys (org_id, operation, key, fingerprint, status, body, created_at)
                SELECT \(fixture.orgID), 'messages.create', n::text, '', 202, '', now() - interval '6 days' - n * interval '1 minute'
                  FROM generate_series(1, 4000) AS n
                """
            )
        }
        try await ReapIdempotencyKeys(engine: fixture.engine)()
        // 1,440 minutes are the day between the sixth and the seventh.
        let left = try await fixture.count("SELECT count(*) AS count FROM idempotency_keys")
        #expect((1438...1440).contains(left))
    }
}
