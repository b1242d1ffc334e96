import Foundation
import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// Claims from accounts of which an open snapshot keeps what is gone.
@Suite(.messaging) struct ClaimFrontTests {
    /// Seconds of the last front and of what was claimed, by class, and the front after it, at 100.
    @Test(
        arguments: [
            // Less than the limit: of no class there is more.
            ([0, 0, 0], [], 10, 2, [98, 98, 98]), ([0, 0, 0], [(2, 50)], 10, 2, [98, 98, 98]),
            // The limit: the last class may have more from there on, and later ones were not looked at.
            ([0, 0, 0], [(0, 10), (1, 60), (1, 50)], 3, 2, [98, 58, 0]),
            ([0, 0, 0], [(0, 10), (0, 20)], 2, 2, [18, 0, 0]),
            ([0, 0, 0], [(2, 99), (2, 40)], 2, 2, [98, 98, 97]),
            // One-time codes alone.
            ([0, 7, 9], [(0, 30)], 5, 0, [98, 7, 9]), ([0, 7, 9], [(0, 30)], 1, 0, [28, 7, 9]),
            // Never back.
            ([90, 90, 90], [(1, 91)], 1, 2, [98, 90, 90]),
        ] as [([Int], [(rank: Int, dueAt: Int)], Int, Int, [Int])]
    )
    func theFrontIsWhereMoreMayBe(
        before: [Int],
        claimed: [(rank: Int, dueAt: Int)],
        limit: Int,
        last: Int,
        after: [Int]
    ) {
        let rows = claimed.map { ClaimedRow(rank: $0.rank, dueAt: Self.time($0.dueAt)) }
        let front = ClaimFront(times: before.map(Self.time))
            .after(rows, limit: limit, last: last, now: Self.time(100))
        #expect(front == ClaimFront(times: after.map(Self.time)))
    }

    /// Two thousand have left, and a backup still sees them.
    @Test(arguments: [ClaimStore.Kind.all, .urgent]) func aClaimFromTheFrontReadsNothingOfWhatIsGone(
        kind: ClaimStore.Kind
    ) async throws {
        let fixture = try MessagingFixture()
        let account = try await fixture.fillQueue(2000)
        try await fixture.rows("UPDATE outbox SET class = 0, due_at = now() - interval '1 hour'")
        let backup = try await PostgresConnection(TestDatabase.url(as: "postgres"))
        try await backup.execute(script: "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM outbox")
        try await fixture.rows("DELETE FROM outbox WHERE message_id IN (SELECT message_id FROM outbox OFFSET 5)")
        try await fixture.rows("UPDATE outbox SET due_at = now() - interval '1 second'")
        let now = Timestamp.now
        let whole = try await Self.pagesRead(ClaimFront.beginning, kind, of: account, now, fixture)
        let front = ClaimFront(times: Array(repeating: now - .seconds(60), count: 3))
        let rest = try await Self.pagesRead(front, kind, of: account, now, fixture)
        #expect(rest > 0 && rest * 10 < whole, "\(rest) of \(whole)")
        await backup.close()
    }

    /// What came in before the front is claimed once a look from the beginning may be afforded, without anybody asking.
    @Test func whatIsBeforeTheFrontIsClaimedAfterAll() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()
        let account = ClaimWalk(account: try await self.account(of: fixture), last: 2)
        let fronts = fixture.lease.claim.fronts
        let front = ClaimFront(times: Array(repeating: .now + .seconds(3600), count: 3))
        fronts.lookedWholly(at: account, upTo: front, for: .seconds(3600), until: .now + .seconds(3600))
        let wholeAt = try #require(fronts.wholeAt(of: account))
        #expect(try await fixture.ask().leases.isEmpty)
        // Its time comes.
        fronts.lookedWholly(at: account, upTo: front, for: .zero, until: .now)
        #expect(try await fixture.ask().leases.isEmpty)
        _ = fixture.due.wake(at: wholeAt)
        #expect(try await fixture.ask().leases.map(\.messageID) == [id])
    }

    @Test func whatIsBehindTheFrontIsClaimedAtOnce() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()
        let account = ClaimWalk(account: try await self.account(of: fixture), last: 2)
        let front = ClaimFront(times: Array(repeating: .now - .seconds(60), count: 3))
        fixture.lease.claim.fronts.lookedWholly(
            at: account,
            upTo: front,
            for: .seconds(3600),
            until: .now + .seconds(3600)
        )
        #expect(try await fixture.ask().leases.map(\.messageID) == [id])
        let next = try #require(fixture.lease.claim.fronts.front(of: account, at: .now))
        #expect(next.time(of: 0) > front.time(of: 0))
    }

    /// One-time codes have a front of their own, those that leave some behind none, and a sandbox none at all.
    @Test(
        arguments: [(.all, 2), (.urgent, 0), (.first, nil), (.repeated, nil), (.suspect, nil)]
            as [(ClaimStore.Kind, Int?)]
    )
    func eachWalkHasItsOwnFront(kind: ClaimStore.Kind, last: Int?) {
        let account = AccountKey(orgID: .new(), accountID: .new())
        let share = ClaimStore.Share(account: account, limit: 1, now: .now, kind: kind)
        #expect(share.walk(by: OrgClocks(databaseNow: .now)) == last.map { ClaimWalk(account: account, last: $0) })
        #expect(share.walk(by: OrgClocks(databaseNow: .now, offsets: [account.orgID: .zero])) == nil)
    }

    private func account(of fixture: MessagingFixture) async throws -> AccountKey {
        let id: AccountID = try await fixture.row("SELECT id FROM channel_accounts").get("id")
        return AccountKey(orgID: fixture.orgID, accountID: id)
    }

    private static func time(_ seconds: Int) -> Timestamp { Timestamp(microseconds: Int64(seconds) * 1_000_000) }

    /// Pages of the index and the table that a claim's walk asks for, of all classes.
    private static func pagesRead(
        _ front: ClaimFront,
        _ kind: ClaimStore.Kind,
        of account: AccountKey,
        _ now: Timestamp,
        _ fixture: MessagingFixture
    ) async throws -> Int {
        var share = ClaimStore.Share(account: account, limit: 1, now: now, kind: kind)
        share.front = front
        let claimant = ClaimStore.Claimant(worker: fixture.worker, call: 1, leaseTime: .seconds(60))
        let claim = ClaimStore.claim(share, for: claimant)
        let plan = try await fixture.postgres.transaction(for: [fixture.orgID]) { connection in
            try connection.query("SAVEPOINT before")
            let plan = try connection.explain(claim)
            try connection.query("ROLLBACK TO before")
            return plan
        }
        let walks = plan.indices.filter { plan[$0].contains("using outbox_claimable") }
        let text = plan.joined(separator: "\n")
        try #require(!walks.isEmpty, "\(text)")
        return try walks.map { walk in
            // What was never begun has none.
            guard !plan[walk].contains("never executed") else { return 0 }
            return try #require(plan[walk...].lazy.compactMap(Self.buffers).first, "\(text)")
        }.reduce(0, +)
    }

    /// Of a line like `Buffers: shared hit=12 read=3`.
    private static func buffers(_ line: String) -> Int? {
        guard let text = line.range(of: "Buffers: shared ") else { return nil }
        return line[text.upperBound...].split(separator: " ").compactMap { part in
            part.hasPrefix("hit=") || part.hasPrefix("read=") ? Int(part.drop { $0 != "=" }.dropFirst()) : nil
        }.reduce(0, +)
    }
}

extension ClaimedRow {
    fileprivate init(rank: Int, dueAt: Timestamp) {
        self.init(
            key: MessageKey(orgID: .new(), id: .new()),
            accountID: .new(),
            rank: rank,
            epoch: 1,
            crashes: 0,
            dueAt: dueAt
        )
    }
}
