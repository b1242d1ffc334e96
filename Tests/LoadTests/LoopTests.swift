import Foundation
import Synchronization
import Testing

@testable import Load

/// Loops against something that answers when it is told to.
@Suite(.timeLimit(.minutes(5))) struct LoopTests {
    private let time = LoopClock()

    /// The fault that open loops are there to show: one request holds up all that come behind it.
    @Test func anOpenLoopCountsTheWaitOfWhatWasHeldUp() async throws {
        let server = SlowServer(self.time, pauseOfFirst: .milliseconds(300))
        let loop = OpenLoop(perSecond: 100, expected: 202, measured: .milliseconds(300), clock: self.time)
        let open = await loop(server)
        #expect(open.latencies.count == 30)
        // One each 10 ms, all answered when the pause is over.
        #expect(150...161 ~= (try #require(open.latencies.percentiles).p50))
    }

    @Test func aClosedLoopDoesNotSeeTheWaitOfWhatItDidNotSend() async throws {
        let server = SlowServer(self.time, pauseOfFirst: .milliseconds(300))
        let closed = await ClosedLoop(connections: 1, expected: 202, clock: self.time)(server, count: 30)
        #expect(closed.latencies.count == 30)
        #expect(try #require(closed.latencies.percentiles).p50 < 1)
    }

    @Test func anOpenLoopSendsNoMoreThanItMayHaveUnderWay() async throws {
        let loop = OpenLoop(perSecond: 1000, expected: 202, measured: .milliseconds(100), most: 3, clock: self.time)
        let tally = await loop(HeldServer(clock: self.time, until: .milliseconds(100)))
        #expect(tally.latencies.count == 3)
        #expect(tally.outcomes.errors == ["Not sent: 3 were under way.": 97])
        #expect(!tally.outcomes.isAsExpected)
        #expect(tally.outcomes.total == 100)
    }

    @Test func theWarmUpOfAnOpenLoopIsNotCounted() async {
        let server = SlowServer(self.time)
        let loop = OpenLoop(
            perSecond: 200,
            expected: 202,
            warmUp: .milliseconds(100),
            measured: .milliseconds(100),
            clock: self.time
        )
        #expect(await loop(server, from: 7).latencies.count == 20)
        #expect(server.numbers == Set(7..<47))
        #expect(self.time.passed == .milliseconds(200))
    }

    @Test func aClosedLoopSendsEachNumberOnce() async {
        let server = SlowServer(self.time)
        let tally = await ClosedLoop(connections: 8, expected: 202, clock: self.time)(server, count: 500)
        #expect(tally.latencies.count == 500)
        #expect(server.numbers == Set(0..<500))
    }

    @Test func whatIsNotExpectedHasNoLatency() async {
        let loop = ClosedLoop(connections: 2, expected: 202, clock: self.time)
        let tally = await loop(SlowServer(self.time, status: 503), count: 10)
        #expect(tally.latencies.count == 0)
        #expect(tally.outcomes.statuses == ["503": 10])
        #expect(!tally.outcomes.isAsExpected)
    }

    /// Each takes 10 ms: of fifty that are sent before the end, the answers of the first nine come while it warms up, and the
    /// last one's when it is over.
    @Test func aClosedLoopCountsWhatIsAnsweredInItsTime() async {
        let server = SlowServer(self.time, pause: .milliseconds(10))
        let loop = ClosedLoop(connections: 1, expected: 202, clock: self.time)
        let tally = await loop(server, warmUp: .milliseconds(100), measured: .milliseconds(400))
        #expect(tally.latencies.count == 40)
        #expect(server.numbers.count == 50)
    }
}

/// Answers one request at a time.
private final class SlowServer: LoadRequest {
    private let clock: LoopClock
    private let status: Int
    private let pause: Duration
    private let seen: Mutex<(numbers: Set<Int>, free: LoopClock.Instant)>

    /// Answers each after `pause`, the first one after `pauseOfFirst` besides.
    init(_ clock: LoopClock, status: Int = 202, pauseOfFirst: Duration = .zero, pause: Duration = .zero) {
        self.clock = clock
        self.status = status
        self.pause = pause
        self.seen = Mutex(([], clock.now + pauseOfFirst))
    }

    var numbers: Set<Int> { self.seen.withLock(\.numbers) }

    func callAsFunction(_ number: Int) async throws(LoadFailure) -> LoadAnswer {
        let moment = self.seen.withLock { seen in
            seen.numbers.insert(number)
            let end = max(seen.free, self.clock.now) + self.pause
            seen.free = end
            return end
        }
        try? await self.clock.sleep(until: moment, tolerance: nil)
        await Task.yield()
        return LoadAnswer(status: self.status, body: Data())
    }
}

/// Answers nothing before a moment.
private struct HeldServer: LoadRequest {
    let clock: LoopClock
    let until: Duration

    func callAsFunction(_ number: Int) async throws(LoadFailure) -> LoadAnswer {
        await self.clock.reaches(self.until)
        return LoadAnswer(status: 202, body: Data())
    }
}

/// A clock of which each sleep is over at once, and takes as long as it says.
private final class LoopClock: Clock {
    typealias Instant = ContinuousClock.Instant

    private struct State {
        var passed = Duration.zero
        var waiters: [(moment: Duration, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let start = ContinuousClock.now
    private let state = Mutex(State())

    var passed: Duration { self.state.withLock(\.passed) }
    var now: Instant { self.start + self.passed }
    var minimumResolution: Duration { .zero }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let due = self.state.withLock { state in
            state.passed = max(state.passed, self.start.duration(to: deadline))
            let due = state.waiters.filter { $0.moment <= state.passed }
            state.waiters.removeAll { $0.moment <= state.passed }
            return due
        }
        for waiter in due { waiter.continuation.resume() }
    }

    /// Waits until somebody else's sleep has taken it there.
    func reaches(_ moment: Duration) async {
        await withCheckedContinuation { continuation in
            let isThere = self.state.withLock { state in
                guard state.passed < moment else { return true }
                state.waiters.append((moment, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }
}
