import MessagingService
import Shared
import Testing

@Suite struct MomentsTests {
    private static func at(_ seconds: Int) -> Timestamp { .epoch + .seconds(seconds) }

    @Test func inEveryOrderTheSameMomentsStay() {
        let told: [(MessageStatus, Timestamp)] = [
            (.sent, Self.at(1)), (.delivered, Self.at(2)), (.read, Self.at(3)),
        ]
        let again: [(MessageStatus, Timestamp)] = [(.delivered, Self.at(4)), (.read, Self.at(5))]
        for order in permutations(of: told + told) + permutations(of: told + again) {
            var moments = Moments()
            for (status, time) in order { _ = moments.note(status, at: time) }
            #expect(moments == Moments(sentAt: Self.at(1), deliveredAt: Self.at(2), readAt: Self.at(3)), "\(order)")
        }
    }

    @Test func whatIsKnownForTheFirstTimeIsTold() {
        var moments = Moments()
        #expect(moments.note(.delivered, at: Self.at(2)) == [.sent, .delivered])
        #expect(moments.note(.sent, at: Self.at(1)) == [])
        #expect(moments.note(.read, at: Self.at(3)) == [.read])
        #expect(moments.note(.read, at: Self.at(3)) == [])
        for status in MessageStatus.allCases where ![.sent, .delivered, .read].contains(status) {
            #expect(moments.note(status, at: Self.at(9)) == [])
        }
    }

    /// Our own clock, or the provider's, said it first: the other does not correct it.
    @Test func whatWasToldStays() {
        var moments = Moments(sentAt: Self.at(5))
        _ = moments.note(.sent, at: Self.at(4))
        _ = moments.note(.delivered, at: Self.at(4))
        #expect(moments == Moments(sentAt: Self.at(5), deliveredAt: Self.at(4)))
    }
}
