import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import CustomerService

/// What it costs to count, in a table that has grown since it was created and that Postgres has not counted since.
@Suite(.database(migrations: CustomerMigrations.all, role: "customers"), .timeLimit(.minutes(5)))
struct SendCostTests {
    private static let sent = 5000
    private static let asked = 50
    private let orgID = OrgID.new()
    private let postgres: PostgresPool

    init() throws {
        self.postgres = PostgresPool(try PostgresConfig.test(), logger: .quiet)
    }

    /// One row by the message, and what the recipient got: nothing of what else the organization sent.
    @Test func countingReadsTheRecipientsRows() async throws {
        let recipients = try await self.fill()
        let items = recipients.prefix(Self.asked).enumerated().map { index, recipient in
            CountedItem(index: index, check: self.check(recipient), customerID: recipient, cap: 5)
        }
        let plan = try await self.postgres.transaction(for: [self.orgID]) { connection in
            try connection.explain(SendStore.counts(of: items))
        }
        let text = plan.joined(separator: "\n")
        for index in ["sends_pkey", "sends_of_customer"] {
            let scans = plan.filter { $0.contains("using \(index) ") }
            #expect(scans.count == 1 && scans.allSatisfy { $0.contains("loops=\(Self.asked))") }, "\(text)")
        }
        #expect(!text.contains("Seq Scan") && !text.contains("Rows Removed by"), "\(text)")
    }

    /// One message to each of as many recipients.
    private func fill() async throws -> [CustomerID] {
        let recipients = (0..<Self.sent).map { _ in CustomerID.new() }
        try await self.postgres.transaction(for: [self.orgID]) { connection in
            try connection.query(
                """
                INSERT INTO sends (org_id, message_id, customer_id, at)
                SELECT \(self.orgID), gen_random_uuid(), id, now() FROM unnest(\(recipients)::uuid[]) AS r (id)
                """
            )
        }
        return recipients
    }

    private func check(_ recipient: CustomerID) -> CustomerAPI.PolicyCheck {
        CustomerAPI.PolicyCheck(
            orgID: self.orgID,
            messageID: .new(),
            customerID: recipient,
            address: Address(kind: .phone, value: "+14155550100"),
            channel: .sms,
            category: .marketing,
            stage: .sending,
            rules: SendingRules(),
            at: Timestamp(microseconds: 1_796_000_000_000_000)
        )
    }
}
