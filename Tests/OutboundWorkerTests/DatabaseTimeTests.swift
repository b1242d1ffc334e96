import Shared
import Testing

@testable import OutboundWorker

/// The database's clock, as far as the time of a question does not explain the difference.
@Suite struct DatabaseTimeTests {
    @Test(arguments: [
        (theirs: 3000, ahead: 2995), (theirs: -3000, ahead: -3000), (theirs: 0, ahead: 0), (theirs: 3, ahead: 0),
        (theirs: 5, ahead: 0), (theirs: 6, ahead: 1),
    ])
    func aWrongClockIsAllowedFor(theirs: Int, ahead: Int) {
        let (time, asked) = (DatabaseTime(), Timestamp.now)
        time.hear(asked + .seconds(theirs), askedAt: asked, answeredAt: asked + .seconds(5))
        let distance = (time.now - .now) / .seconds(1)
        #expect(abs(distance - Double(ahead)) < 0.5)
    }

    @Test func whoeverSaysNothingChangesNothing() {
        let (time, asked) = (DatabaseTime(), Timestamp.now)
        time.hear(asked + .seconds(3000), askedAt: asked)
        time.hear(nil, askedAt: asked)
        #expect(time.now > .now + .seconds(2990))
    }
}
