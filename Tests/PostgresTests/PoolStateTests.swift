import Testing

@testable import Postgres

/// The pool's decisions, with numbers for connections and letters for callers.
@Suite struct PoolStateTests {
    typealias State = PoolState<Int, String>

    private let error = PostgresError.unavailable("down")

    /// A pool of two connections, 1 and 2, both lent.
    private func exhausted() -> State {
        var state = State(size: 2, acquireTimeout: .seconds(2))
        for _ in 1...2 {
            #expect(state.take(at: .zero) == .open(isProbe: false))
            _ = state.opened()
        }
        return state
    }

    /// A pool without connections that found the server down at 0 s.
    private func down() -> State {
        var state = State(size: 2, acquireTimeout: .seconds(2))
        _ = state.take(at: .zero)
        #expect(state.failedToOpen(isProbe: false, "down", at: .zero) == true)
        return state
    }

    @Test func noMoreConnectionsAreOpenedThanItsSize() {
        var state = self.exhausted()
        #expect(state.take(at: .zero) == nil)
        #expect(state.openCount == 2)
    }

    @Test func callersAreServedInTheirOrder() {
        var state = self.exhausted()
        state.wait("a", id: 1, at: .zero)
        state.wait("b", id: 2, at: .zero)
        #expect(state.giveBack(1) == true)
        #expect(state.turns(at: .zero) == [("a", .use(1))])
        #expect(state.take(at: .zero) == nil)
        state.discard()
        #expect(state.turns(at: .zero) == [("b", .open(isProbe: false))])
    }

    @Test func aNewcomerDoesNotOvertake() {
        var state = self.exhausted()
        state.wait("a", id: 1, at: .zero)
        _ = state.giveBack(1)
        #expect(state.take(at: .zero) == nil)
    }

    @Test func whoLeavesIsNotServed() {
        var state = self.exhausted()
        state.wait("a", id: 1, at: .zero)
        state.wait("b", id: 2, at: .zero)
        let left = state.leave(id: 1)
        #expect(left == "a")
        let again = state.leave(id: 1)
        #expect(again == nil)
        _ = state.giveBack(1)
        #expect(state.turns(at: .zero) == [("b", .use(1))])
    }

    @Test func whoWaitsTooLongIsToldForHowLong() throws {
        var state = self.exhausted()
        state.wait("a", id: 1, at: .zero)
        state.wait("b", id: 2, at: .seconds(1))
        #expect(state.nextDeadline == .seconds(2))
        #expect(state.expire(at: .milliseconds(1999)).count == 0)
        let expired = state.expire(at: .seconds(2))
        #expect(expired.map(\.0) == ["a"])
        #expect(expired.map(\.1) == [.poolExhausted(waited: .seconds(2))])
        #expect(state.nextDeadline == .seconds(3))
    }

    @Test func whileTheServerIsDownCallersFailAtOnce() {
        var state = self.down()
        #expect(state.take(at: .milliseconds(49)) == .fail(self.error))
        #expect(state.isDown)
    }

    @Test func oneCallerAtATimeAsksWhetherTheServerIsBack() {
        var state = self.down()
        #expect(state.take(at: .milliseconds(50)) == .open(isProbe: true))
        #expect(state.take(at: .milliseconds(50)) == .fail(self.error))
        #expect(state.take(at: .seconds(3)) == .fail(self.error))
        #expect(state.opened() == true)
        #expect(state.take(at: .seconds(3)) == .open(isProbe: false))
    }

    @Test func thePauseDoublesUpToHalfASecond() {
        var state = self.down()
        var now = Duration.zero
        for pause in [50, 100, 200, 400, 500, 500] {
            #expect(state.take(at: now + .milliseconds(pause - 1)) == .fail(self.error))
            now += .milliseconds(pause)
            #expect(state.take(at: now) == .open(isProbe: true))
            #expect(state.failedToOpen(isProbe: true, "down", at: now) == false)
        }
    }

    @Test func attemptsFromBeforeTheOutageDoNotLengthenThePause() {
        var state = State(size: 3, acquireTimeout: .seconds(2))
        for _ in 1...3 { _ = state.take(at: .zero) }
        #expect(state.failedToOpen(isProbe: false, "down", at: .zero) == true)
        #expect(state.failedToOpen(isProbe: false, "down", at: .zero) == false)
        #expect(state.failedToOpen(isProbe: false, "down", at: .zero) == false)
        #expect(state.take(at: .milliseconds(50)) == .open(isProbe: true))
    }

    /// The server may only be full: what works is worth waiting for.
    @Test func whileAnotherConnectionWorksCallersWaitForIt() {
        var state = State(size: 3, acquireTimeout: .seconds(2))
        _ = state.take(at: .zero)
        _ = state.opened()
        _ = state.take(at: .zero)
        _ = state.failedToOpen(isProbe: false, "full", at: .zero)
        #expect(state.take(at: .zero) == nil)
        state.wait("a", id: 1, at: .zero)
        _ = state.giveBack(1)
        #expect(state.turns(at: .zero) == [("a", .use(1))])
    }

    @Test func whenTheLastConnectionIsLostAllWhoWaitFailAtOnce() {
        var state = State(size: 1, acquireTimeout: .seconds(2))
        _ = state.take(at: .zero)
        state.wait("a", id: 1, at: .zero)
        state.wait("b", id: 2, at: .zero)
        _ = state.failedToOpen(isProbe: false, "down", at: .zero)
        #expect(state.turns(at: .zero) == [("a", .fail(self.error)), ("b", .fail(self.error))])
    }

    @Test func afterShutdownNothingIsKept() {
        var state = self.exhausted()
        _ = state.giveBack(1)
        #expect(state.shutDown() == [1])
        #expect(state.giveBack(2) == false)
        #expect(state.openCount == 0)
    }
}

private func == (left: [(String, PoolTurn<Int>)], right: [(String, PoolTurn<Int>)]) -> Bool {
    left.map(\.0) == right.map(\.0) && left.map(\.1) == right.map(\.1)
}
