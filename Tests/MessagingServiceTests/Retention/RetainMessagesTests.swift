import MessagingService
import Postgres
import Shared
import TestSupport
import Testing

@Suite(.messaging, .timeLimit(.minutes(5))) struct RetainMessagesTests {
    @Test func onlyFinishedAndOldMessagesLeave() async throws {
        let fixture = try RetentionFixture()
        try await fixture.limit(30)
        var kept: Set<MessageID> = []
        for status in MessageStatus.allCases where status != .sending {
            try await fixture.add(age: 31, status: status)
        }
        let unfinished = try await fixture.left(where: ["scheduled", "queued", "uncertain"])
        kept.formUnion(unfinished)
        let held = try await fixture.add(age: 31, status: .failed)
        try await fixture.hold(held[0])
        kept.formUnion(held)
        kept.formUnion(try await fixture.add(age: 31, changed: 29))
        kept.formUnion(try await fixture.add(age: 29))

        let counts = try await fixture.sweep()()

        #expect(unfinished.count == 3)
        #expect(Set(try await fixture.left()) == kept)
        #expect(counts == [fixture.orgID: RetentionCount(removed: 7)])
    }

    @Test func everythingOfAMessageLeavesWithIt() async throws {
        let fixture = try RetentionFixture()
        try await fixture.limit(1)
        let old = try await fixture.add(2, age: 2)
        let young = try await fixture.add(age: 0)
        try await fixture.addHistory(to: old + young)
        try await fixture.sweep()()
        #expect(try await fixture.left() == young)
        #expect(try await fixture.count("SELECT count(*) AS count FROM attempts") == 1)
        #expect(try await fixture.count("SELECT count(*) AS count FROM dead_letters") == 1)
        #expect(try await fixture.count("SELECT count(*) AS count FROM provider_events") == 1)
    }

    /// A broadcast holds addresses and values of its own: it goes when the last of its messages is gone.
    @Test func aBroadcastLeavesAfterItsMessages() async throws {
        let fixture = try RetentionFixture()
        try await fixture.limit(30)
        let old = try await fixture.add(age: 31)
        let young = try await fixture.add(age: 29)
        let gone = try await fixture.addBroadcast(of: old, age: 31)
        var kept: Set = [try await fixture.addBroadcast(of: young, age: 31)]
        kept.insert(try await fixture.addBroadcast(of: [], age: 29))
        kept.insert(try await fixture.addBroadcast(of: [], age: 31, state: "paused"))
        try await fixture.sweep()()
        let left = try await fixture.broadcasts()
        #expect(left == kept && !left.contains(gone))
        #expect(try await fixture.count("SELECT count(*) AS count FROM broadcast_recipients") == 3)
    }

    @Test func eachOrganizationHasItsOwnLimit() async throws {
        let fixture = try RetentionFixture()
        let (longer, none, settled) = (OrgID.new(), OrgID.new(), OrgID.new())
        try await fixture.limit(10)
        try await fixture.limit(100, of: longer)
        try await fixture.limit(nil, of: settled)
        try await fixture.add(3, age: 50)
        for orgID in [longer, none, settled] { try await fixture.add(3, age: 50, of: orgID) }
        try await fixture.add(2, age: 101, of: longer)

        let counts = try await fixture.sweep()()

        #expect(counts == [fixture.orgID: RetentionCount(removed: 3), longer: RetentionCount(removed: 2)])
        #expect(try await fixture.left().isEmpty)
        for orgID in [longer, none, settled] { #expect(try await fixture.left(of: orgID).count == 3) }
    }

    @Test func aSandboxIsAsOldAsItsClockSays() async throws {
        let fixture = try RetentionFixture()
        try await fixture.limit(30)
        try await fixture.run("UPDATE org_settings SET sandbox = true WHERE org_id = \(fixture.orgID)")
        try await fixture.add(2, age: 1)
        try await fixture.sweep()()
        #expect(try await fixture.left().count == 2)
        try await fixture.run(
            "UPDATE org_settings SET clock_offset = 2592000000000 WHERE org_id = \(fixture.orgID)"
        )
        try await fixture.sweep()()
        #expect(try await fixture.left().isEmpty)
    }

    @Test func whoIsLockedStaysUntilTheNextSweep() async throws {
        let fixture = try RetentionFixture()
        try await fixture.limit(1)
        let old = try await fixture.add(3, age: 2)
        let other = try await PostgresConnection(TestDatabase.url)
        try await other.execute(
            script: """
                BEGIN; SET LOCAL app.org_ids = '{\(fixture.orgID)}';
                SELECT FROM messages WHERE org_id = '\(fixture.orgID)' AND id = '\(old[1])' FOR UPDATE
                """
        )
        let counts = try await fixture.sweep()()
        #expect(counts == [fixture.orgID: RetentionCount(removed: 2, left: 1)])
        #expect(try await fixture.left() == [old[1]])
        try await other.execute(script: "ROLLBACK")
        await other.close()
        try await fixture.sweep()()
        #expect(try await fixture.left().isEmpty)
    }

    @Test func twoSweepsAtOnceRemoveEverythingOnce() async throws {
        let fixture = try RetentionFixture()
        try await fixture.limit(1)
        let others = (0..<3).map { _ in OrgID.new() }
        for orgID in others { try await fixture.limit(1, of: orgID) }
        for orgID in others + [fixture.orgID] { try await fixture.add(500, age: 2, of: orgID) }

        async let first = fixture.sweep()()
        async let second = fixture.sweep()()
        let counts = try await [first, second]
        // What one had under its locks the other passed over, and the next sweep takes.
        let third = try await fixture.sweep()()

        let removed = (counts + [third]).flatMap(\.values).map(\.removed).reduce(0, +)
        // One that ended early does not tell what it did of organizations that it had not finished with.
        #expect(removed <= 2000)
        for orgID in others + [fixture.orgID] { #expect(try await fixture.left(of: orgID).isEmpty) }
    }

    @Test func theSweepRestsAsLongAsItWorked() async throws {
        let fixture = try RetentionFixture()
        try await fixture.limit(1)
        try await fixture.add(450, age: 2)
        let clock = BusyClock()
        try await fixture.sweep(clock: clock)()
        // Two full batches, and one that is not.
        #expect(clock.rests == [BusyClock.step, BusyClock.step, BusyClock.step])
        #expect(try await fixture.left().isEmpty)
    }

    @Test func whoRaisesTheLimitMeanwhileKeepsItsMessages() async throws {
        let fixture = try RetentionFixture()
        try await fixture.limit(1)
        let old = try await fixture.add(2, age: 2)
        let store = try await fixture.store()
        try await fixture.limit(10)
        let removed = try await fixture.postgres.transaction(for: [fixture.orgID]) { connection in
            try store.remove(old, archived: nil, on: connection)
        }
        #expect(removed == 0)
        #expect(try await fixture.left() == old)
    }
}

extension RetentionFixture {
    fileprivate func left(where statuses: [String]) async throws -> [MessageID] {
        try await self.postgres.transaction(for: [self.orgID]) { connection in
            try connection.query(
                """
                SELECT id FROM messages
                 WHERE org_id = \(self.orgID) AND status::text = ANY (\(statuses)::text[]) ORDER BY id
                """
            ).map { try $0.get("id") }
        }
    }
}
