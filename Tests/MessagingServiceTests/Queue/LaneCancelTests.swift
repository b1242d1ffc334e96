import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// Who is withdrawn leaves the lane to the others.
@Suite(.messaging) struct LaneCancelTests {
    @Test func whenTheHeadIsCancelledTheNextIsFirst() async throws {
        let (fixture, ids) = try await self.filled()
        #expect(try await fixture.act(.cancel, on: ids[0]) == .changed(.cancelled))
        #expect(try await fixture.states(of: ids) == [nil, .ready, .waiting])
        let lane = try await fixture.lane(of: ids[0])
        #expect(lane.head == ids[1])
        #expect(lane.waiting == 1)
        #expect(try await fixture.leaseNow().map(\.messageID) == [ids[1]])
    }

    @Test func whoWaitsLeavesWithoutTheHead() async throws {
        let (fixture, ids) = try await self.filled()
        #expect(try await fixture.act(.cancel, on: ids[1]) == .changed(.cancelled))
        #expect(try await fixture.states(of: ids) == [.ready, nil, .waiting])
        let lane = try await fixture.lane(of: ids[0])
        #expect(lane.head == ids[0])
        #expect(lane.waiting == 1)
        let lease = try #require(try await fixture.leaseNow().first)
        try await fixture.tell(.accepted(providerMessageID: "SM1"), of: lease)
        #expect(try await fixture.leaseNow().map(\.messageID) == [ids[2]])
    }

    @Test func allOfALaneMayBeCancelledTogether() async throws {
        let (fixture, ids) = try await self.filled()
        let effects = try await fixture.act(.cancel, on: ids.map { fixture.key($0) }, by: "key:person", requestID: "r")
        #expect(effects == Array(repeating: .changed(.cancelled), count: 3))
        let lane = try await fixture.lane(of: ids[0])
        #expect(lane.head == nil)
        #expect(lane.waiting == 0)
        // The lane goes on with whoever comes next.
        let next = try await fixture.send("next", to: "+15550000001")
        #expect(try await fixture.leaseNow().map(\.messageID) == [next])
    }

    @Test func whoIsBeingSentCanNotBeCancelledAndTheOthersCan() async throws {
        let (fixture, ids) = try await self.filled()
        let lease = try #require(try await fixture.leaseNow().first)
        let effects = try await fixture.act(.cancel, on: ids.map { fixture.key($0) }, by: "key:person", requestID: "r")
        #expect(effects == [.refused(.inFlight), .changed(.cancelled), .changed(.cancelled)])
        #expect(try await fixture.lane(of: ids[0]).waiting == 0)
        try await fixture.tell(.accepted(providerMessageID: "SM1"), of: lease)
        #expect(try await fixture.status(of: ids[0]) == .sent)
        #expect(try await fixture.lane(of: ids[0]).head == nil)
    }

    /// Here it is impossible, whatever the code does.
    @Test func theDatabaseRefusesTwoHeads() async throws {
        let (fixture, ids) = try await self.filled()
        for state in [QueueState.ready, .uncertain] {
            let error = await #expect(throws: PostgresError.self) {
                try await fixture.rows(
                    """
                    UPDATE outbox SET state = \(state)::queue_state, hold_until = now() WHERE message_id = \(ids[1])
                    """
                )
            }
            #expect(error == .uniqueViolation(constraint: "outbox_head"))
        }
    }

    @Test func theDatabaseRefusesTheSamePlaceTwice() async throws {
        let (fixture, ids) = try await self.filled()
        let error = await #expect(throws: PostgresError.self) {
            try await fixture.rows("UPDATE outbox SET place = 2 WHERE message_id = \(ids[1])")
        }
        #expect(error == .uniqueViolation(constraint: "outbox_waiting"))
    }

    /// Three messages of one conversation.
    private func filled() async throws -> (MessagingFixture, [MessageID]) {
        let fixture = try MessagingFixture(conversations: .byRecipient)
        var ids: [MessageID] = []
        for body in ["first", "second", "third"] { ids.append(try await fixture.send(body, to: "+15550000001")) }
        return (fixture, ids)
    }
}
