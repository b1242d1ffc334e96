import MessagingService
import Shared
import Testing

@Suite struct LaneTests {
    private let first = MessageID.new()
    private let second = MessageID.new()
    private let third = MessageID.new()
    private let now = Timestamp(microseconds: 1_000_000_000)

    @Test func theFirstIsTheHeadAndTheOthersWaitInTheOrderOfTheirPlaces() {
        var lane = Self.lane()
        #expect(lane.enter(self.first) == (0, .ready))
        #expect(lane.enter(self.second) == (1, .waiting))
        #expect(lane.enter(self.third) == (2, .waiting))
        #expect(lane.head == self.first)
        #expect(lane.waiting == 2)
        #expect(lane.nextPlace == 3)
    }

    @Test func whenTheHeadLeavesSomebodyHasToBePromoted() {
        var lane = self.filled()
        lane.leave(self.first)
        #expect(lane.isLeaderless)
        #expect(lane.head == nil)
        lane.promote(self.second)
        #expect(!lane.isLeaderless)
        #expect(lane.head == self.second)
        #expect(lane.waiting == 1)
    }

    @Test func whoWaitsMayLeaveWithoutTheHead() {
        var lane = self.filled()
        lane.leave(self.second)
        #expect(lane.head == self.first)
        #expect(lane.waiting == 1)
        #expect(!lane.isLeaderless)
    }

    @Test func anEmptyLaneHasNoLeaderAndNeedsNone() {
        var lane = Self.lane()
        #expect(!lane.isLeaderless)
        _ = lane.enter(self.first)
        lane.leave(self.first)
        #expect(!lane.isLeaderless)
        #expect(lane.waiting == 0)
    }

    @Test func aPlaceIsNeverUsedTwice() {
        var lane = Self.lane()
        _ = lane.enter(self.first)
        lane.leave(self.first)
        #expect(lane.enter(self.second) == (1, .ready))
    }

    /// Who enters while somebody waits for a head does not overtake them.
    @Test func nobodyOvertakesInALeaderlessLane() {
        var lane = self.filled()
        lane.leave(self.first)
        let fourth = MessageID.new()
        #expect(lane.enter(fourth) == (3, .waiting))
        #expect(lane.head == nil)
        #expect(lane.waiting == 3)
    }

    @Test func aRestIsProlongedAndNeverShortened() {
        var lane = Self.lane()
        lane.rest(until: self.now + .seconds(6))
        #expect(lane.freeAt == self.now + .seconds(6))
        lane.rest(until: self.now)
        #expect(lane.freeAt == self.now + .seconds(6))
        lane.rest(until: self.now + .seconds(7))
        #expect(lane.freeAt == self.now + .seconds(7))
    }

    @Test(arguments: [(Shared.Category.otp, Urgency.otp), (.transactional, .ordinary), (.marketing, .ordinary)])
    func oneTimeCodesHaveALaneOfTheirOwn(category: Shared.Category, urgency: Urgency) {
        #expect(Urgency(category) == urgency)
    }

    @Test func keysAreOrderedByOrganizationThenConversationThenUrgency() {
        let orgs = [OrgID.new(), OrgID.new()].sorted()
        let conversations = [ConversationID.new(), ConversationID.new()].sorted()
        let keys = orgs.flatMap { orgID in
            conversations.flatMap { id in
                Urgency.allCases.map { LaneKey(orgID: orgID, conversationID: id, urgency: $0) }
            }
        }
        #expect(keys.shuffled().sorted() == keys)
        #expect(Set(keys).count == 8)
    }

    private static func lane() -> Lane {
        Lane(key: LaneKey(orgID: .new(), conversationID: .new(), urgency: .ordinary))
    }

    private func filled() -> Lane {
        var lane = Self.lane()
        for id in [self.first, self.second, self.third] { _ = lane.enter(id) }
        return lane
    }
}
