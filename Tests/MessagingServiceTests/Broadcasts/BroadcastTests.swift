import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// One content for many recipients: one message for each, whatever happens in between.
@Suite(.messaging, .timeLimit(.minutes(5))) struct BroadcastTests {
    @Test func eachRecipientGetsOneMessageThatSaysTheSame() async throws {
        let fixture = try BroadcastFixture()
        let id = try await fixture.broadcast(
            #"{"body": "Sale", "recipients": [{"to": "+15550000001"}, {"to": "+15550000002"}, {"to": "+1 555 000 0001"}]}"#
        )
        #expect(try await fixture.find(id).counts.duplicates == 1)
        try await fixture.work()
        #expect(try await fixture.outcomes(of: id) == ["+15550000001: made", "+15550000002: made"])
        let stored = try await fixture.messaging.rows("SELECT content, parameters, category FROM messages")
        #expect(try stored.allSatisfy { try $0.getIfPresent("content", as: String.self) == nil })
        #expect(try stored.allSatisfy { try $0.get("category", as: Shared.Category.self) == .marketing })
        #expect(try await fixture.bodies(of: id) == ["Sale", "Sale"])
        let leases = try await fixture.messaging.leaseNow()
        #expect(leases.map(\.content.body) == ["Sale", "Sale"])
        #expect(Set(leases.map(\.to)) == ["+15550000001", "+15550000002"])
        let counts = try await fixture.find(id).counts
        #expect([counts.recipients, counts.cursor, counts.messages, counts.refused] == [2, 2, 2, 0])
    }

    @Test func whatCanNotBeReachedIsRefusedAndTheOthersGo() async throws {
        let (ann, bob, eve) = (CustomerID.new(), CustomerID.new(), CustomerID.new())
        let fixture = try BroadcastFixture(people: PlayedPeople(addresses: [ann: "+15550000003", bob: ""]))
        let id = try await fixture.broadcast(
            """
            {"recipients": [{"to": "12"}, {"to": "+15550000001", "parameters": {"order": "7"}}, {"customer_id": "\(ann)"},
                            {"customer_id": "\(bob)"}, {"customer_id": "\(eve)"}, {"to": "+15550000009"}]}
            """
        )
        try await fixture.work()
        let outcomes = try await fixture.outcomes(of: id)
        #expect(outcomes[0].hasPrefix("12: to must be a telephone number in international form"))
        #expect(
            outcomes.dropFirst() == [
                "+15550000001: parameters/order fills nothing: the content of the broadcast has no variables",
                "+15550000003: made", "-: customer_id has no address for this channel",
                "-: customer_id names no customer",
                "+15550000009: made",
            ]
        )
        let counts = try await fixture.find(id).counts
        #expect([counts.recipients, counts.messages, counts.refused] == [6, 2, 4])
    }

    /// However somebody is named, there is one message for an address; who is named by it goes first.
    @Test func nobodyGetsItTwiceInWhateverWayTheyAreNamed() async throws {
        let (ann, anna, bob) = (CustomerID.new(), CustomerID.new(), CustomerID.new())
        let addresses = [ann: "+15550000001", anna: "+15550000001", bob: "+15550000002"]
        let fixture = try BroadcastFixture(people: PlayedPeople(addresses: addresses, members: [bob, anna]))
        let id = try await fixture.broadcast(
            """
            {"recipients": [{"customer_id": "\(ann)"}, {"customer_id": "\(bob)"}, {"customer_id": "\(bob)"},
                            {"to": "+15550000002"}], "filter": {"guest": false}}
            """
        )
        try await fixture.work()
        let duplicate = "is reached at the address of another recipient"
        let outcomes = try await fixture.outcomes(of: id)
        #expect(outcomes == ["+15550000001: made", "-: \(duplicate)", "+15550000002: made", "-: \(duplicate)"])
        #expect(try await fixture.find(id).counts.duplicates == 2)
        #expect(try await fixture.messaging.leaseNow().count == 2)
    }

    /// The unique index is what stands behind it.
    @Test func theDatabaseRefusesASecondRecipientOfAnAddress() async throws {
        let fixture = try BroadcastFixture()
        let id = try await fixture.broadcast(#"{"recipients": [{"to": "+15550000001"}]}"#)
        await #expect(throws: PostgresError.uniqueViolation(constraint: "recipient_address")) {
            try await fixture.messaging.rows(
                """
                INSERT INTO broadcast_recipients (org_id, broadcast_id, number, address)
                VALUES (\(fixture.messaging.orgID), \(id), 2, '+15550000001')
                """
            )
        }
    }

    /// Asked for once for each statement, in place of a foreign key.
    @Test func theDatabaseRefusesARecipientOfNoBroadcast() async throws {
        let fixture = try BroadcastFixture()
        let id = try await fixture.broadcast(#"{"recipients": [{"to": "+15550000001"}]}"#)
        await #expect(throws: PostgresError.foreignKeyViolation(constraint: "recipient_broadcast")) {
            try await fixture.messaging.rows(
                """
                INSERT INTO broadcast_recipients (org_id, broadcast_id, number, address)
                VALUES (\(fixture.messaging.orgID), \(id), 2, '+15550000002'),
                       (\(fixture.messaging.orgID), gen_random_uuid(), 1, '+15550000002')
                """
            )
        }
    }

    /// While one step is written, the next is prepared: they follow each other without a gap, and in halves where a row is in the way.
    @Test func manyStepsAreMadeInOneTurn() async throws {
        let fixture = try BroadcastFixture()
        let recipients = (0..<4500).map { #"{"to": "+1555\#(1_000_000 + $0)"}"# }.joined(separator: ",")
        let id = try await fixture.broadcast(#"{"recipients": [\#(recipients)]}"#)
        // One that can not be written: its text is refused by the database alone.
        try await fixture.messaging.rows(
            "UPDATE broadcast_recipients SET address = repeat('9', 400) WHERE broadcast_id = \(id) AND number = 1700"
        )
        #expect(try await fixture.runner(steps: 5).stepAll())
        let counts = try await fixture.find(id).counts
        #expect([counts.cursor, counts.messages, counts.refused] == [4500, 4499, 1])
        #expect(try await fixture.outcomes(of: id)[1699].hasSuffix("can not be stored"))
    }

    @Test func anAudienceIsAskedForPageByPageWhenItStarts() async throws {
        let people = (0..<5003).map { _ in CustomerID.new() }.sorted(by: >)
        let addresses = Dictionary(uniqueKeysWithValues: people.enumerated().map { ($1, "+1555\(1_000_000 + $0)") })
        let fixture = try BroadcastFixture(people: PlayedPeople(addresses: addresses, members: people))
        let group = ID<CustomerAPI.Audience.Group>.new()
        let id = try await fixture.broadcast(
            #"{"group_ids": ["\#(group)"], "recipients": [{"customer_id": "\#(people[7])"}]}"#
        )
        #expect(try await fixture.find(id).counts.recipients == 1)
        let runner = fixture.runner()
        #expect(try await runner.stepAll())
        #expect(try await !fixture.find(id).isGathered)
        #expect(try await fixture.find(id).counts.recipients == 5000)
        try await fixture.work()
        let broadcast = try await fixture.find(id)
        #expect([broadcast.counts.messages, broadcast.counts.duplicates] == [5003, 1])
        #expect(try await fixture.messaging.count("SELECT count(DISTINCT recipient) AS count FROM messages") == 5003)
    }

    @Test func groupsThatDoNotExistAreRefused() async throws {
        let group = ID<CustomerAPI.Audience.Group>.new()
        let fixture = try BroadcastFixture(people: PlayedPeople(unknownGroups: [group]))
        let problem = await #expect(throws: Problem.self) {
            try await fixture.broadcast(#"{"group_ids": ["\#(group)"]}"#)
        }
        #expect(problem?.violations.first?.pointer == "/group_ids")
        #expect(try await fixture.messaging.count("SELECT count(*) AS count FROM broadcasts") == 0)
    }

    /// A replica died: another one goes on behind the last recipient that has its message.
    @Test func anotherReplicaGoesOnInTheMiddle() async throws {
        let fixture = try BroadcastFixture()
        let recipients = (0..<2500).map { #"{"to": "+1555\#(1_000_000 + $0)"}"# }.joined(separator: ",")
        let id = try await fixture.broadcast(#"{"recipients": [\#(recipients)]}"#)
        #expect(try await fixture.runner("a", steps: 1).stepAll())
        #expect(try await fixture.find(id).counts.cursor == 1000)
        // As long as the first may live, the broadcast is its own.
        #expect(try await !fixture.runner("b").stepAll())
        try await fixture.messaging.rows("UPDATE broadcasts SET taken_until = now() - interval '1 second'")
        try await fixture.work("b")
        #expect(try await fixture.find(id).counts.messages == 2500)
        #expect(try await fixture.messaging.count("SELECT count(DISTINCT recipient) AS count FROM messages") == 2500)
    }

    /// It was thought dead, and comes back with what it had prepared.
    @Test func whatAReplicaPreparedBeforeAnotherTookOverIsNotWritten() async throws {
        let fixture = try BroadcastFixture()
        let id = try await fixture.broadcast(#"{"recipients": [{"to": "+15550000001"}]}"#)
        try await fixture.work()
        var late = try await fixture.find(id)
        late.counts.cursor = 0
        try await fixture.messaging.rows("UPDATE broadcasts SET state = 'running', taken_by = 'b'")
        _ = try await fixture.runner("b").expand(late, steps: 1)
        #expect(try await fixture.messaging.count("SELECT count(*) AS count FROM messages") == 1)
    }

    @Test func itIsMadeNoFasterThanItsPace() async throws {
        let fixture = try BroadcastFixture()
        let recipients = (0..<5).map { #"{"to": "+1555000000\#($0 + 1)"}"# }.joined(separator: ",")
        let id = try await fixture.broadcast(
            #"{"recipients": [\#(recipients)], "batch_size": 2, "batch_interval_seconds": 60}"#
        )
        for expected in [2, 4, 5] {
            try await fixture.work()
            #expect(try await fixture.find(id).counts.messages == expected)
            try await fixture.wait()
        }
    }

    @Test func aPlannedOneStartsAtItsTime() async throws {
        let fixture = try BroadcastFixture()
        let time = Timestamp.now + .seconds(3600)
        let id = try await fixture.broadcast(#"{"recipients": [{"to": "+15550000001"}], "scheduled_at": "\#(time)"}"#)
        #expect(try await fixture.find(id).state == .scheduled)
        try await fixture.work()
        #expect(try await fixture.find(id).counts.messages == 0)
        try await fixture.wait()
        try await fixture.work()
        #expect(try await fixture.find(id).counts.messages == 1)
    }

    @Test func aKeyMakesOneBroadcast() async throws {
        let fixture = try BroadcastFixture()
        let json = #"{"recipients": [{"to": "+15550000001"}]}"#
        let first = try await fixture.answer(to: json, key: "k")
        let again = try await fixture.answer(to: json, key: "k")
        #expect(!first.isReplay && again.isReplay)
        #expect(first.json == again.json)
        #expect(try await fixture.messaging.count("SELECT count(*) AS count FROM broadcast_recipients") == 1)
        let problem = await #expect(throws: Problem.self) {
            try await fixture.answer(to: #"{"recipients": [{"to": "+15550000002"}]}"#, key: "k")
        }
        #expect(problem?.code == "idempotency-key-reused")
    }

    /// Its group is gone by now: the first answer stands all the same.
    @Test func aRepetitionIsAnsweredAsThenWhateverIsWrongNow() async throws {
        let fixture = try BroadcastFixture()
        let group = ID<CustomerAPI.Audience.Group>.new()
        let json = #"{"group_ids": ["\#(group)"]}"#
        let first = try await fixture.answer(to: json, key: "k")
        var later = fixture
        later.forget(group)
        let again = try await later.answer(to: json, key: "k")
        #expect(again.isReplay)
        #expect(again.json == first.json)
        await #expect(throws: Problem.self) { try await later.answer(to: json, key: "other") }
    }
}
