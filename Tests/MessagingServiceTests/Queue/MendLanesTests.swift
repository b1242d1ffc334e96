import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// The net under the lanes: broken by hand, because the engine leaves no way to it.
@Suite(.messaging) struct MendLanesTests {
    @Test func aLaneWithoutItsHeadGetsTheFirstOfThoseWhoWait() async throws {
        let (fixture, ids) = try await self.filled()
        try await fixture.rows("DELETE FROM outbox WHERE message_id = \(ids[0])")
        _ = fixture.due.take(10)
        #expect(try await fixture.leaseNow().isEmpty)
        #expect(try await fixture.mendLanes() == 1)
        #expect(try await fixture.states(of: ids) == [nil, .ready, .waiting])
        let lane = try await fixture.lane(of: ids[0])
        #expect(lane.head == ids[1])
        #expect(lane.waiting == 1)
        // It is said at once that there is something to claim.
        #expect(try await fixture.leaseNow().map(\.messageID) == [ids[1]])
        #expect(try await fixture.mendLanes() == 0)
    }

    @Test func aHeadThatIsNoneIsReplaced() async throws {
        let (fixture, ids) = try await self.filled()
        try await fixture.rows("UPDATE outbox SET state = 'held', place = NULL WHERE message_id = \(ids[0])")
        #expect(try await fixture.mendLanes() == 1)
        #expect(try await fixture.lane(of: ids[0]).head == ids[1])
        #expect(try await fixture.leaseNow().map(\.messageID) == [ids[1]])
    }

    @Test func aLaneInWhichNobodyWaitsAfterAllIsEmpty() async throws {
        let (fixture, ids) = try await self.filled()
        try await fixture.rows("DELETE FROM outbox")
        #expect(try await fixture.mendLanes() == 0)
        let lane = try await fixture.lane(of: ids[0])
        #expect(lane.head == nil)
        #expect(lane.waiting == 0)
        #expect(try await fixture.mendLanes() == 0)
    }

    /// Whoever counts too many waiting is put right when they have gone.
    @Test func aCountThatIsTooHighIsPutRightByItself() async throws {
        let (fixture, ids) = try await self.filled()
        try await fixture.rows("UPDATE lanes SET waiting = 7")
        for _ in ids {
            let lease = try #require(try await fixture.leaseNow().first)
            try await fixture.tell(.accepted(providerMessageID: "SM1"), of: lease)
        }
        let lane = try await fixture.lane(of: ids[0])
        #expect(lane.head == nil)
        #expect(lane.waiting == 0)
    }

    @Test func whatIsWellIsLeftAlone() async throws {
        let (fixture, ids) = try await self.filled()
        _ = try await fixture.leaseNow()
        let before = try await fixture.lane(of: ids[0])
        #expect(try await fixture.mendLanes() == 0)
        #expect(try await fixture.lane(of: ids[0]) == before)
    }

    @Test func lanesOfEveryOrganizationAreLookedAt() async throws {
        let (fixture, ids) = try await self.filled()
        let (other, otherIDs) = try await self.filled()
        for (fixture, id) in [(fixture, ids[0]), (other, otherIDs[0])] {
            try await fixture.rows("DELETE FROM outbox WHERE message_id = \(id)")
        }
        #expect(try await fixture.mendLanes() == 2)
        #expect(try await other.states(of: otherIDs) == [nil, .ready, .waiting])
    }

    /// Three messages of one conversation.
    private func filled() async throws -> (MessagingFixture, [MessageID]) {
        let fixture = try MessagingFixture(conversations: .byRecipient)
        var ids: [MessageID] = []
        for body in ["first", "second", "third"] { ids.append(try await fixture.send(body, to: "+15550000001")) }
        return (fixture, ids)
    }
}
