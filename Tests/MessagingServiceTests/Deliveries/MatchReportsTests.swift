import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// Reports that come before anybody knows the provider's id of their message.
@Suite(.messaging, .timeLimit(.minutes(5))) struct MatchReportsTests {
    private static let delivered = ProviderReport.Status.delivered

    @Test func theOutcomeThatBringsTheIdFindsThem() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()
        let lease = try #require(try await fixture.leaseNow().first)
        #expect(try await self.report(Self.delivered, lease, fixture) == .unmatched)
        #expect(try await self.report(.note("queued"), lease, fixture) == .unmatched)
        try await fixture.tell(.accepted(providerMessageID: "SM1"), of: lease)
        #expect(try await fixture.status(of: id) == .delivered)
        #expect(try await self.effects(fixture) == ["applied delivered", "ignored note: queued"])
        let row = try await fixture.row("SELECT message_id, attempt FROM provider_events LIMIT 1")
        #expect(try row.get("message_id") == id)
        #expect(try row.get("attempt") == 1)
        #expect(try await fixture.timeline(of: id).contains { $0.type == "provider_report" && $0.state == "delivered" })
        // A repetition has the effect that it had in the end.
        #expect(try await self.report(Self.delivered, lease, fixture) == .applied)
    }

    @Test func theyAreAppliedInTheOrderInWhichTheyCame() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()
        let lease = try #require(try await fixture.leaseNow().first)
        for status in [ProviderReport.Status.read, .delivered] { _ = try await self.report(status, lease, fixture) }
        try await fixture.tell(.accepted(providerMessageID: "SM1"), of: lease)
        #expect(try await fixture.status(of: id) == .read)
        #expect(try await self.effects(fixture) == ["applied read", "ignored late"])
    }

    @Test func theProvidersAnswerToAQuestionFindsThemToo() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()
        let lease = try #require(try await fixture.leaseNow().first)
        try await fixture.tell(.uncertain(ProviderError(code: "timeout", detail: "No answer.")), of: lease)
        #expect(try await self.report(Self.delivered, lease, fixture) == .unmatched)
        try await fixture.lookUpFindings([.init(attempt: lease.attempt, answer: .candidates(["SM1"]), checks: 0)])
        #expect(try await fixture.status(of: id) == .delivered)
        #expect(try await self.effects(fixture) == ["applied delivered"])
    }

    /// Another account's report with the same id is another's.
    @Test func aReportIsMatchedWithItsOwnAccountOnly() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()
        let lease = try #require(try await fixture.leaseNow().first)
        #expect(try await self.report(Self.delivered, lease, fixture, of: .new()) == .unmatched)
        try await fixture.tell(.accepted(providerMessageID: "SM1"), of: lease)
        #expect(try await fixture.status(of: id) == .sent)
        #expect(try await fixture.matchReports() == 0)
        #expect(try await self.effects(fixture) == ["unmatched"])
    }

    /// Neither transaction sees what the other wrote, and both are committed: in either order.
    @Test(arguments: [true, false]) func whatPassedEachOtherIsFoundAfterwards(isReportFirst: Bool) async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()
        let lease = try #require(try await fixture.leaseNow().first)
        let report = self.accountReport(Self.delivered, lease)
        let outcome = try await self.begin(for: fixture.orgID)
        try await outcome.run { connection in
            _ = try fixture.settle.settle([self.accepted(lease)], on: connection)
        }
        // The outcome is not committed: the report, whose message it does not know, waits for nobody.
        if isReportFirst {
            #expect(try await fixture.apply([report]) == [.unmatched])
            try await outcome.execute(script: "COMMIT")
        } else {
            let reports = try await self.begin(for: fixture.orgID)
            try await reports.run { connection in
                #expect(try ProviderEventStore.references(of: [report], on: connection) == [nil])
                try ProviderEventStore.insert(
                    [.init(report, reference: nil, .unmatched)],
                    clock: OrgClocks(databaseNow: .now),
                    on: connection
                )
            }
            try await outcome.execute(script: "COMMIT")
            try await reports.execute(script: "COMMIT")
            await reports.close()
        }
        await outcome.close()
        #expect(try await fixture.status(of: id) == .sent)
        #expect(try await fixture.matchReports() == 1)
        #expect(try await fixture.status(of: id) == .delivered)
        #expect(try await self.effects(fixture) == ["applied delivered"])
        #expect(try await fixture.matchReports() == 0)
    }

    @Test func whatIsOldIsLookedForNowAndThenOnly() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()
        let lease = try #require(try await fixture.leaseNow().first)
        try await fixture.tell(.accepted(providerMessageID: "SM1"), of: lease)
        let unmatched = self.accountReport(Self.delivered, lease)
        try await fixture.postgres.transaction(for: [fixture.orgID]) { connection in
            try ProviderEventStore.insert(
                [.init(unmatched, reference: nil, .unmatched)],
                clock: OrgClocks(databaseNow: .now - .seconds(120)),
                on: connection
            )
        }
        #expect(try await fixture.matchReports() == 0)
        #expect(try await fixture.status(of: id) == .sent)
        #expect(try await fixture.matchReports(of: MatchReports.longest) == 1)
        #expect(try await fixture.status(of: id) == .delivered)
    }

    /// Batches follow each other though all came at the same moment.
    @Test func allOfManyAreLookedAt() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()
        let lease = try #require(try await fixture.leaseNow().first)
        try await fixture.tell(.accepted(providerMessageID: "SM1"), of: lease)
        try await fixture.rows(
            """
            INSERT INTO provider_events (org_id, account_id, event_key, provider_message_id, report, effect)
            SELECT \(fixture.orgID), \(lease.accountID), 'a' || n, 'SM-' || n, '{}', 'unmatched' FROM generate_series(1, 1200) AS n
            """
        )
        try await fixture.postgres.transaction(for: [fixture.orgID]) { connection in
            try ProviderEventStore.insert(
                [.init(self.accountReport(Self.delivered, lease), reference: nil, .unmatched)],
                clock: OrgClocks(databaseNow: .now),
                on: connection
            )
        }
        #expect(try await fixture.matchReports() == 1)
        #expect(try await fixture.status(of: id) == .delivered)
    }

    /// When there are none, a small look at an index of them is all.
    @Test func lookingForNoneCostsNothing() async throws {
        let fixture = try MessagingFixture()
        try await fixture.rows(
            """
            INSERT INTO provider_events (org_id, account_id, event_key, report, effect)
            SELECT \(fixture.orgID), \(AccountID.new()), n::text, '{}', 'applied' FROM generate_series(1, 20000) AS n
            """
        )
        let plan = try await fixture.engine.run { connection in
            try connection.explain(ProviderEventStore.waiting(for: MatchReports.recent, after: nil, atMost: 500))
        }
        let text = plan.joined(separator: "\n")
        #expect(text.contains("using provider_events_waiting"), "\(text)")
        #expect(!text.contains("Rows Removed by"), "\(text)")
    }

    /// A transaction of its own, which stays open.
    private func begin(for orgID: OrgID) async throws -> PostgresConnection {
        let connection = try await PostgresConnection(TestDatabase.url)
        try await connection.execute(script: "BEGIN; SET LOCAL app.org_ids = '{\(orgID)}'")
        return connection
    }

    private func accepted(_ lease: MessagingAPI.Lease) -> AttemptEvent {
        AttemptEvent(
            orgID: lease.orgID,
            reference: lease.reference,
            event: DeliveryEvent(.sent, providerMessageID: "SM1"),
            source: .lookUp
        )
    }

    private func accountReport(
        _ status: ProviderReport.Status,
        _ lease: MessagingAPI.Lease,
        of accountID: AccountID? = nil
    ) -> MessagingAPI.AccountReport {
        MessagingAPI.AccountReport(
            orgID: lease.orgID,
            accountID: accountID ?? lease.accountID,
            report: ProviderReport(
                eventKey: "SM1:\(status)",
                reference: nil,
                providerMessageID: "SM1",
                status: status,
                occurredAt: nil
            )
        )
    }

    private func report(
        _ status: ProviderReport.Status,
        _ lease: MessagingAPI.Lease,
        _ fixture: MessagingFixture,
        of accountID: AccountID? = nil
    ) async throws -> MessagingAPI.ReportEffect? {
        try await fixture.apply([self.accountReport(status, lease, of: accountID)]).first
    }

    private func effects(_ fixture: MessagingFixture) async throws -> [String] {
        try await fixture.rows(
            """
            SELECT effect::text || coalesce(' ' || effect_detail, '') AS line FROM provider_events
             ORDER BY received_at, event_key
            """
        ).map { try $0.get("line") }
    }
}
