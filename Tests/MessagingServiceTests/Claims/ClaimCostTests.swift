import Foundation
import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// The one statement that must not grow slower with the queue.
@Suite(.messaging) struct ClaimCostTests {
    private static let limit = 10

    /// Also where the database has just counted the table: it does so by itself, at any moment.
    @Test(arguments: [false, true]) func theClaimReadsNoMoreRowsThanItTakes(isCounted: Bool) async throws {
        let fixture = try MessagingFixture()
        let account = try await fixture.fillQueue(10_000)
        if isCounted { try await fixture.countQueue() }
        let plan = try await self.plan(.all, of: account, fixture)
        let text = plan.joined(separator: "\n")
        self.expectIndexesOnly(plan)
        // No row is read to be thrown away.
        #expect(!text.contains("Rows Removed by"), "\(text)")
        // The walk along the index stops at the limit: the rows of the scans are those that were taken.
        let scanned = plan.filter { $0.contains("using outbox_claimable") }.compactMap(Self.actualRows)
        #expect((1...Self.limit + 1).contains(scanned.reduce(0, +)), "\(text)")
        // All other tables are asked for one row of each.
        let others = plan.filter { $0.contains("Index Scan using") && !$0.contains("outbox_claimable") }
        #expect(others.compactMap(Self.actualRows).allSatisfy { $0 <= 1 }, "\(text)")
    }

    /// Where only some kinds are wanted, too, the walk stops: at the end of the first class, or at the limit.
    @Test(
        arguments: [
            (ClaimStore.Kind.urgent, "outbox_claimable", 0), (.first, "outbox_claimable", limit),
            (.repeated, "outbox_repeated", 0), (.suspect, "outbox_suspect", 0),
        ],
        [false, true]
    )
    func everyKindIsAWalkThatStops(kind: (ClaimStore.Kind, index: String, rows: Int), isCounted: Bool) async throws {
        let fixture = try MessagingFixture()
        let account = try await fixture.fillQueue(2000)
        if isCounted { try await fixture.countQueue() }
        let plan = try await self.plan(kind.0, of: account, fixture)
        self.expectIndexesOnly(plan)
        let scanned = plan.filter { $0.contains("using \(kind.index) ") }.compactMap(Self.actualRows)
        #expect(!scanned.isEmpty && scanned.reduce(0, +) == kind.rows, "\(plan.joined(separator: "\n"))")
    }

    /// Only heads of lanes can be claimed: those behind them are not even in the index.
    @Test func whoWaitsBehindAHeadCostsNothing() async throws {
        let fixture = try MessagingFixture()
        let account = try await fixture.fillQueue(2000, state: "waiting")
        let plan = try await self.plan(.all, of: account, fixture)
        self.expectIndexesOnly(plan)
        let scanned = plan.filter { $0.contains("using outbox_claimable") }.compactMap(Self.actualRows)
        #expect(scanned.reduce(0, +) == 1, "\(plan.joined(separator: "\n"))")
    }

    private func plan(
        _ kind: ClaimStore.Kind,
        of account: AccountKey,
        _ fixture: MessagingFixture
    ) async throws -> [String] {
        let claimant = ClaimStore.Claimant(worker: fixture.worker, call: 1, leaseTime: .seconds(60))
        return try await fixture.postgres.transaction(for: [fixture.orgID]) { connection in
            let now = try OrgClocks(try connection.query(OrgClocks.read([fixture.orgID]))).now(of: fixture.orgID)
            let share = ClaimStore.Share(account: account, limit: Self.limit, now: now, kind: kind)
            return try connection.explain(ClaimStore.claim(share, for: claimant))
        }
    }

    private func expectIndexesOnly(_ plan: [String]) {
        let text = plan.joined(separator: "\n")
        #expect(!text.contains("Seq Scan"), "\(text)")
        #expect(plan.contains { $0.contains("Index Scan using outbox_") }, "\(text)")
        let walks = plan.filter { $0.contains("using outbox_") && !$0.contains("using outbox_pkey") }
        let indexes = ["outbox_claimable", "outbox_repeated", "outbox_suspect"]
        #expect(walks.allSatisfy { line in indexes.contains { line.contains("using \($0) ") } }, "\(text)")
    }

    /// What was really read, and not the estimate that stands before it; nil for what was never begun.
    private static func actualRows(_ line: String) -> Int? {
        guard let actual = line.range(of: "(actual "), let rows = line[actual.upperBound...].range(of: "rows=") else {
            return nil
        }
        return Int(line[rows.upperBound...].prefix { $0.isNumber })
    }
}
