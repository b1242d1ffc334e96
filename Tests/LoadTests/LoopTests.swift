import Foundation
import Synchronization
import Testing

@testable import Load

/// Loops against something that answers when it is told to.
@Suite(.timeLimit(.minutes(1))) struct LoopTests {
    /// The fault that open loops are there to show: one request holds up all that come behind it.
    @Test func anOpenLoopCountsTheWaitOfWhatWasHeldUp() async throws {
        let server = SlowServer(pauseOfFirst: .milliseconds(300))
        let open = await OpenLoop(perSecond: 100, expected: 202, measured: .milliseconds(300))(server)
        #expect(open.latencies.count == 30)
        // Half of what was to be sent waited for more than half of the pause.
        #expect(try #require(open.latencies.percentiles).p50 > 100)

        let other = SlowServer(pauseOfFirst: .milliseconds(300))
        let closed = await ClosedLoop(connections: 1, expected: 202)(other, count: 30)
        #expect(closed.latencies.count == 30)
        #expect(try #require(closed.latencies.percentiles).p50 < 100)
    }

    @Test func anOpenLoopSendsNoMoreThanItMayHaveUnderWay() async throws {
        let loop = OpenLoop(perSecond: 1000, expected: 202, measured: .milliseconds(100), most: 3)
        let tally = await loop(SlowServer(pauseOfFirst: .seconds(2)))
        #expect(tally.latencies.count == 3)
        #expect(tally.outcomes.errors == ["Not sent: 3 were under way.": 97])
        #expect(!tally.outcomes.isAsExpected)
        #expect(tally.outcomes.total == 100)
    }

    @Test func theWarmUpOfAnOpenLoopIsNotCounted() async {
        let server = SlowServer()
        let loop = OpenLoop(perSecond: 200, expected: 202, warmUp: .milliseconds(100), measured: .milliseconds(100))
        #expect(await loop(server, from: 7).latencies.count == 20)
        #expect(server.numbers == Set(7..<47))
    }

    @Test func aClosedLoopSendsEachNumberOnce() async {
        let server = SlowServer()
        let tally = await ClosedLoop(connections: 8, expected: 202)(server, count: 500)
        #expect(tally.latencies.count == 500)
        #expect(server.numbers == Set(0..<500))
    }

    @Test func whatIsNotExpectedHasNoLatency() async {
        let tally = await ClosedLoop(connections: 2, expected: 202)(SlowServer(status: 503), count: 10)
        #expect(tally.latencies.count == 0)
        #expect(tally.outcomes.statuses == ["503": 10])
        #expect(!tally.outcomes.isAsExpected)
    }

    @Test func aClosedLoopCountsWhatIsAnsweredInItsTime() async {
        let server = SlowServer()
        let loop = ClosedLoop(connections: 2, expected: 202)
        let tally = await loop(server, warmUp: .milliseconds(100), measured: .milliseconds(400))
        #expect(tally.latencies.count > 0)
        #expect(tally.latencies.count < server.numbers.count)
    }
}

/// Answers one request at a time, the first one late.
private final class SlowServer: LoadRequest {
    private let status: Int
    private let free: Mutex<ContinuousClock.Instant>
    private let pauseOfFirst: Duration
    private let seen = Mutex<Set<Int>>([])

    init(status: Int = 202, pauseOfFirst: Duration = .zero) {
        self.status = status
        self.pauseOfFirst = pauseOfFirst
        self.free = Mutex(.now)
    }

    var numbers: Set<Int> { self.seen.withLock(\.self) }

    func callAsFunction(_ number: Int) async throws(LoadFailure) -> LoadAnswer {
        let isFirst = self.seen.withLock { seen in
            seen.insert(number)
            return seen.count == 1
        }
        let moment = self.free.withLock { free in
            if isFirst { free = .now + self.pauseOfFirst }
            return free
        }
        try? await Task.sleep(until: moment, tolerance: .zero, clock: .continuous)
        await Task.yield()
        return LoadAnswer(status: self.status, body: Data())
    }
}
