import CustomerService
import Postgres
import Shared
import TestSupport
import Testing

@testable import AuditTrail

/// Seals of trails of which an open snapshot keeps the notes that are gone.
@Suite(.database(migrations: CustomerMigrations.all, role: "customers"), .timeLimit(.minutes(5)))
struct SealFrontTests {
    @Test func linesFromTheFrontOnAreFoundWithoutThoseThatAreGone() async throws {
        let trail = try Trail()
        try await trail.write(2000)
        let backup = try await PostgresConnection(TestDatabase.url)
        try await backup.execute(script: "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM audit_unsealed")
        try await trail.sealAll()
        let last = try #require(try await trail.write(5).first)
        let pages = try await trail.postgres.transaction(for: [trail.orgID]) { connection in
            try [.first(at: .epoch), last].map { front in
                try Self.pages(try connection.explain(SealStore.lines(of: trail.orgID, from: front)))
            }
        }
        #expect(pages[1] * 4 < pages[0], "\(pages)")
        await backup.close()
    }

    /// What lies before the front is sealed once a look from the beginning may be afforded.
    @Test func noLineIsLeftBeforeTheFront() async throws {
        let trail = try Trail()
        let early = try await trail.write(3)
        trail.seal.fronts.lookedWholly(
            at: trail.orgID,
            upTo: .first(at: .now + .seconds(3600)),
            for: .seconds(3600),
            until: .now + .seconds(3600)
        )
        try await trail.sealAll()
        #expect(try await trail.verify().waiting == early.count)
        trail.seal.fronts.lookedWholly(at: trail.orgID, upTo: early[0], for: .zero, until: .now)
        try await trail.sealAll()
        let whole = try await trail.verify()
        #expect(whole.told == [])
        #expect(whole.lines == 3 && whole.waiting == 0)
    }

    /// A look that does not begin at the beginning can not say that nothing else waits.
    @Test func onlyALookFromTheBeginningSettlesTheTrail() async throws {
        let trail = try Trail()
        let lines = try await trail.write(3)
        trail.seal.fronts.lookedWholly(
            at: trail.orgID,
            upTo: lines[1],
            for: .seconds(3600),
            until: .now + .seconds(3600)
        )
        try await trail.sealAll()
        #expect(try await trail.verify().waiting == 1)
        #expect(try await self.settledAt(trail) == .epoch)
        trail.seal.fronts.lookedWholly(at: trail.orgID, upTo: lines[1], for: .zero, until: .now)
        try await trail.sealAll()
        #expect(try await self.settledAt(trail) > .epoch)
        #expect(try await trail.verify().told == [])
    }

    private func settledAt(_ trail: Trail) async throws -> Timestamp {
        try await trail.postgres.transaction(for: [trail.orgID]) { connection in
            let rows = try connection.query("SELECT settled_at FROM audit_seals ORDER BY number DESC LIMIT 1")
            return try rows[0].get("settled_at")
        }
    }

    /// That the walk along the notes asks for.
    private static func pages(_ plan: [String]) throws -> Int {
        let walk = try #require(plan.firstIndex { $0.contains("audit_unsealed") }, "\(plan)")
        let line = try #require(plan[walk...].first { $0.contains("Buffers: shared") }, "\(plan)")
        return line.split(separator: " ").compactMap { part in
            part.hasPrefix("hit=") || part.hasPrefix("read=") ? Int(part.drop { $0 != "=" }.dropFirst()) : nil
        }.reduce(0, +)
    }
}
