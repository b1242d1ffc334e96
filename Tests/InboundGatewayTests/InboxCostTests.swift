import Postgres
import Shared
import TestSupport
import Testing

@testable import InboundGateway

/// What a long backlog costs a service whose tables were empty a moment ago.
@Suite(.database(migrations: InboundMigrations.all, role: "inbound"), .timeLimit(.minutes(5)))
struct InboxCostTests {
    private static let backlog = 10_000

    let postgres: PostgresPool
    let orgID = OrgID.new()
    let accountID = AccountID.new()

    init() throws {
        self.postgres = PostgresPool(try PostgresConfig(url: TestDatabase.url), logger: .quiet)
    }

    /// The walk along the index of the kind stops at the limit, and the table is asked for those rows alone.
    @Test(
        arguments: zip(
            [InboxKind.report, .message, .optOut],
            ["inbox_events_reports_due", "inbox_events_messages_due", "inbox_events_opt_outs_due"]
        )
    )
    func aClaimReadsWhatItTakes(kind: InboxKind, index: String) async throws {
        try await self.fill(kind)
        let plan = try await self.plan(InboxStore.claim(kind, atMost: 200, of: self.orgID, lease: .seconds(15)))
        #expect(plan.contains { $0.contains("using \(index) ") && $0.contains("actual") && $0.contains("rows=200 ") })
        self.expectSingleRows(plan, times: 200)
    }

    /// The events of one great webhook, and those of one round of the worker's among them.
    @Test(arguments: [200, backlog]) func settlingReadsEachEventOnce(count: Int) async throws {
        try await self.fill(.report)
        let settlements = (1...count).map { Settlement(self.event($0), .done, policy: InboxPolicy()) }
        self.expectSingleRows(try await self.plan(InboxStore.settle(settlements)), times: count)
        let events = try await Stored.events(of: self.orgID)
        #expect(events.count { $0.state == "done" } == count)
    }

    /// Of two nested scans the inner one is a look at one row, once for each of the outer one's.
    private func expectSingleRows(_ plan: [String], times: Int) {
        let text = plan.joined(separator: "\n")
        let lookUps = plan.filter { $0.contains("using inbox_events_pkey ") }
        #expect(lookUps.count == 1 && lookUps[0].contains("rows=1 loops=\(times))"), "\(text)")
        #expect(!text.contains("Rows Removed by"), "\(text)")
        #expect(!text.contains("Sort Method"), "\(text)")
    }

    private func plan(_ statement: SQL) async throws -> [String] {
        try await self.postgres.transaction(for: [self.orgID]) { try $0.explain(statement) }
    }

    private func event(_ number: Int) -> ClaimedEvent {
        ClaimedEvent(
            orgID: self.orgID,
            accountID: self.accountID,
            provider: .whatsappCloud,
            kind: .report,
            key: "k\(number)",
            attempts: 1,
            refusals: 0,
            content: "{}",
            arrivedAt: .now
        )
    }

    /// Events that are due, which nobody has counted yet.
    private func fill(_ kind: InboxKind) async throws {
        try await self.postgres.transaction(for: [self.orgID]) { connection in
            _ = try connection.query(
                """
                INSERT INTO inbox_events (org_id, account_id, event_key, provider, id, request_id, kind, state, attempts,
                                          next_attempt_at, content)
                SELECT \(self.orgID), \(self.accountID), 'k' || n, 'whatsapp_cloud', gen_random_uuid(), gen_random_uuid(),
                       \(kind), 'pending', 1, now() - n * interval '1 second', '{}'
                  FROM generate_series(1, \(Self.backlog)::int) AS n
                """
            )
        }
    }
}
