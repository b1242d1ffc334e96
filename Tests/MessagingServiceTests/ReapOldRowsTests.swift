import MessagingService
import Postgres
import Shared
import TestSupport
import Testing

/// Each kind of row lives for its own time, and then goes.
@Suite(.messaging) struct ReapOldRowsTests {
    @Test(arguments: [
        (ReapOldRows.Rows.idempotencyKeys, 7), (.inboundEvents, 35), (.keywordAnswers, 1), (.unmatchedReports, 30),
    ])
    func rowsLiveForTheirTime(rows: ReapOldRows.Rows, days: Int) async throws {
        let fixture = try MessagingFixture()
        try await fixture.rows(self.insert(rows, of: fixture.orgID, days: days))
        try await ReapOldRows(engine: fixture.engine)(rows)
        // 1,440 minutes are the last day of their time.
        let left = try await fixture.count(self.count(rows))
        #expect((1438...1440).contains(left))
    }

    @Test func reportsThatWereMatchedAreNotOldRows() async throws {
        let fixture = try MessagingFixture()
        try await fixture.rows(
            """
            INSERT INTO provider_events (org_id, account_id, event_key, report, effect, received_at)
            SELECT \(fixture.orgID), \(AccountID.new()), 'old', '{}', 'applied', now() - interval '400 days'
            """
        )
        try await ReapOldRows(engine: fixture.engine)(.unmatchedReports)
        #expect(try await fixture.count("SELECT count(*) AS count FROM provider_events") == 1)
    }

    /// A row for each of 4,000 minutes, from a day before the end of its time on.
    private func insert(_ rows: ReapOldRows.Rows, of orgID: OrgID, days: Int) -> SQL {
        let time: SQL = "now() - \(days - 1)::int * interval '1 day' - n * interval '1 minute'"
        let minutes: SQL = "generate_series(1, 4000) AS n"
        switch rows {
        case .idempotencyKeys:
            return """
                INSERT INTO idempotency_keys (org_id, operation, key, fingerprint, status, body, created_at)
                SELECT \(orgID), 'messages.create', n::text, '', 202, '', \(time) FROM \(minutes)
                """
        case .inboundEvents:
            return """
                INSERT INTO inbound_events (org_id, account_id, event_key, message_id, received_at)
                SELECT \(orgID), \(AccountID.new()), n::text, gen_random_uuid(), \(time) FROM \(minutes)
                """
        case .keywordAnswers:
            return """
                INSERT INTO keyword_answers (org_id, account_id, address, keyword, answered_at)
                SELECT \(orgID), \(AccountID.new()), n::text, 'help', \(time) FROM \(minutes)
                """
        case .unmatchedReports:
            return """
                INSERT INTO provider_events (org_id, account_id, event_key, report, effect, received_at)
                SELECT \(orgID), \(AccountID.new()), n::text, '{}', 'unmatched', \(time) FROM \(minutes)
                """
        }
    }

    private func count(_ rows: ReapOldRows.Rows) -> SQL {
        switch rows {
        case .idempotencyKeys: "SELECT count(*) AS count FROM idempotency_keys"
        case .inboundEvents: "SELECT count(*) AS count FROM inbound_events"
        case .keywordAnswers: "SELECT count(*) AS count FROM keyword_answers"
        case .unmatchedReports: "SELECT count(*) AS count FROM provider_events"
        }
    }
}
