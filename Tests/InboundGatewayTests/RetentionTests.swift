import InboundGateway
import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@Suite(.database(migrations: InboundMigrations.all, role: "inbound"), .timeLimit(.minutes(5)))
struct RetentionTests {
    let account = MessagingAPI.WebhookAccount.whatsApp()

    /// More than one batch of 1,000, so that a sweep of one batch only would show.
    @Test func whatIsOlderThan30DaysIsForgotten() async throws {
        var policy = InboxPolicy.quick
        policy.retentionInterval = .milliseconds(20)
        try await Gateway.run([self.account]) { gateway async throws in
            let number = self.account.number ?? ""
            let old = Payloads.statuses((0..<2500).map { "old.\($0)" }, number: number)
            for body in [old, Payloads.statuses(["young"], number: number)] {
                let answer = try await gateway.meta(body, secret: "app secret A", to: self.account.accountID)
                #expect(answer.status == 200)
            }
        }
        try await self.age("old.%", days: 31)
        try await self.age("young%", days: 29)
        try await Gateway.run([self.account], policy: policy) { _ in
            try await eventually {
                let events = try await Stored.events(of: self.account.orgID).map(\.key)
                let bodies = try await Stored.bodies(of: self.account.orgID)
                return events == ["young:delivered:1700000000"] && bodies.count == 1
            }
        }
    }

    private func age(_ pattern: String, days: Int) async throws {
        try await TestDatabase.connection.transaction(for: [self.account.orgID]) { connection in
            try connection.query(
                "UPDATE inbox_events SET received_at = now() - \(days) * interval '1 day' WHERE event_key LIKE \(pattern)"
            )
            try connection.query(
                """
                UPDATE inbox_requests AS r SET received_at = e.received_at
                  FROM inbox_events AS e
                 WHERE e.org_id = r.org_id AND e.request_id = r.id AND e.event_key LIKE \(pattern)
                """
            )
        }
    }
}
