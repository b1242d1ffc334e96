import AuditTrail
import CustomerService
import Postgres
import Shared
import TestSupport
import Testing

@Suite(.database(migrations: CustomerMigrations.all, role: "customers"), .timeLimit(.minutes(5)))
struct SealTests {
    @Test func whatIsWrittenIsSealedOnceInBoundedParts() async throws {
        let trail = try Trail()
        for count in [1, 499, 501, 200] { try await trail.write(count) }
        #expect(try await trail.verify().waiting == 1201)
        try await trail.sealAll()
        let whole = try await trail.verify()
        #expect(whole.told == [])
        #expect(whole.seals == 3 && whole.lines == 1201 && whole.waiting == 0)
        #expect(whole.head?.number == 3)
        // Nothing to seal makes no seal.
        try await trail.sealAll()
        #expect(try await trail.verify().seals == 3)
    }

    @Test func replicasThatSealTogetherMakeOneChain() async throws {
        let trails = try (0..<6).map { _ in try Trail() }
        let replicas = try (0..<3).map { _ in
            let postgres = PostgresPool(try PostgresConfig(url: TestDatabase.url), logger: .quiet)
            return SealTrails(postgres: postgres, dear: .seconds(600), logger: .quiet)
        }
        try await withThrowingDiscardingTaskGroup { group in
            for trail in trails {
                group.addTask { for _ in 0..<20 { try await trail.write(7) } }
            }
            for replica in replicas {
                group.addTask { for _ in 0..<40 { try await replica.round() } }
            }
        }
        for replica in replicas { try await replica.round() }
        for trail in trails {
            let whole = try await trail.verify()
            #expect(whole.told == [])
            #expect(whole.lines == 140 && whole.waiting == 0)
        }
    }

    /// However much waits, a seal costs what it seals.
    @Test func aSealTakesOutItsOwnLinesOnly() async throws {
        let trail = try Trail()
        var ids: [ID<AuditEvent>] = []
        for _ in 0..<10 { ids += try await trail.write(1000) }
        let sealed = Array(ids.sorted().prefix(500))
        let plan = try await trail.postgres.transaction(for: [trail.orgID]) { connection in
            try connection.explain(SealStore.takeOut(sealed, of: trail.orgID))
        }
        #expect(plan.contains { $0.contains("rows=500") })
        #expect(!plan.contains { $0.contains("Rows Removed by Filter") }, "\(plan)")
    }

    /// Two that make the same link at the same time: the advisory lock is a hint, the primary key decides.
    @Test func aLinkCanBeMadeOnce() async throws {
        let trail = try Trail()
        try await trail.write()
        try await trail.sealAll()
        try await trail.write()
        try await trail.tamper(
            """
            INSERT INTO audit_seals
            SELECT org_id, 2, event_ids, event_hashes, first_id, through_id, sealed_at, settled_at, hash, hash
              FROM audit_seals WHERE org_id = '\(trail.orgID)';
            """
        )
        await #expect(throws: PostgresError.uniqueViolation(constraint: "audit_seal_number")) {
            try await trail.postgres.transaction(for: [trail.orgID]) { connection in
                try connection.query(
                    """
                    INSERT INTO audit_seals
                    SELECT org_id, 2, event_ids, event_hashes, first_id, through_id, sealed_at, settled_at, hash, hash
                      FROM audit_seals WHERE org_id = \(trail.orgID) AND number = 1
                    """
                )
            }
        }
    }

    /// A transaction that was begun before others, and committed after they were sealed.
    @Test func aLineThatIsCommittedLateIsSealedAll() async throws {
        let trail = try Trail()
        let early = trail.record(.updated, on: .new(), detail: ["act": "edit"])
        let connection = TestDatabase.connection
        try await connection.execute(script: "BEGIN; SET LOCAL app.org_ids = '{\(trail.orgID)}'")
        try await connection.query(AuditStore.insert(early))
        try await trail.write(3)
        try await trail.sealAll()
        #expect(try await trail.verify().lines == 3)
        try await connection.execute(script: "COMMIT")
        #expect(try await trail.verify().told == [])
        try await trail.write(2)
        try await trail.sealAll()
        let whole = try await trail.verify()
        #expect(whole.told == [])
        #expect(whole.seals == 2 && whole.lines == 6)
    }

    @Test func eachOrganizationHasItsOwnChain() async throws {
        let (ours, theirs) = (try Trail(), try Trail())
        try await ours.write(2)
        try await theirs.write(3)
        try await ours.sealAll()
        #expect(try await theirs.verify().waiting == 3)
        #expect(try await theirs.verify().head == nil)
        try await theirs.sealAll()
        #expect(try await ours.verify().head != theirs.verify().head)
    }

    @Test func aLongTrailIsVerifiedInSteps() async throws {
        let trail = try Trail()
        for _ in 0..<201 {
            try await trail.write()
            try await trail.seal(of: trail.orgID)
        }
        let whole = try await trail.verify()
        #expect(whole.told == [])
        #expect(whole.seals == 201)
        // 200 seals, one, and the lines behind them.
        #expect(whole.next == 3)
        let last = try await trail.write()[0]
        try await trail.sealAll()
        try await trail.tamper("UPDATE audit_events SET actor = 'nobody' WHERE id = '\(last)'")
        #expect(try await trail.verify().told == ["line-changed 202 \(last)"])
    }
}
