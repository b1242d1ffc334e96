import Shared
import Testing

@testable import MessagingService

/// What an account may send: `allow` and `took`.
@Suite struct AllowanceTests {
    private let begin = AccountFlow.begin

    @Test func withoutLimitsAllThatIsWantedIsAllowed() {
        var flow = AccountFlow.ofTests()
        #expect(flow.allow(1000, inFlight: 1000, now: self.begin) == .init(count: 1000))
    }

    /// rate, burst, wanted, taken at once, milliseconds until the next.
    @Test(
        arguments: [
            (10, 5, 3, 3, nil), (10, 5, 5, 5, nil), (10, 5, 10, 5, 100), (1, 1, 10, 1, 1000), (80, 8, 256, 8, 20),
            // Who may send often is asked for a 50th of a second's worth at once.
            (1000, 100, 256, 100, 20), (0.5, 1, 2, 1, 2000),
        ] as [(Double, Double, Int, Int, Int?)]
    )
    func theBucketIsEmptiedAndThenWaitedFor(rate: Double, burst: Double, wanted: Int, count: Int, milliseconds: Int?) {
        var flow = AccountFlow.ofTests(rate: rate, burst: burst)
        let allowance = flow.allow(wanted, inFlight: 0, now: self.begin)
        #expect(allowance.count == count)
        // A microsecond more, so that the token is there.
        #expect(allowance.nextAt == milliseconds.map { self.begin + .milliseconds($0) + .microseconds(1) })
        flow.took(count, repetitions: 0, now: self.begin, jitter: 1)
        #expect(flow.tokens == burst - Double(count))
        guard let next = allowance.nextAt else { return }
        #expect(flow.allow(wanted, inFlight: 0, now: next).count >= 1)
    }

    /// Whatever is asked for and whenever: never more than the bucket and what dripped into it.
    @Test(arguments: [(0.5, 1.0), (1, 1), (7, 3), (80, 8), (1000, 100)])
    func overAnyTimeNoMoreIsAllowedThanTheRate(rate: Double, burst: Double) {
        var flow = AccountFlow.ofTests(rate: rate, burst: burst)
        var (now, total) = (self.begin, 0)
        for _ in 0..<2000 {
            now = now + .microseconds(Int64.random(in: 0...200_000))
            let count = flow.allow(Int.random(in: 1...50), inFlight: 0, now: now).count
            flow.took(count, repetitions: 0, now: now, jitter: 1)
            total += count
            let elapsed = Double((now - self.begin).microseconds) / 1_000_000
            #expect(Double(total) <= burst + rate * elapsed + 0.01)
        }
        #expect(total > 0)
    }

    @Test(arguments: [(0, 3), (1, 2), (2, 1), (3, 0), (9, 0)])
    func whatIsInFlightCountsAgainstTheCap(inFlight: Int, count: Int) {
        var flow = AccountFlow.ofTests(maxInFlight: 3)
        let allowance = flow.allow(10, inFlight: inFlight, now: self.begin)
        #expect(allowance.count == count)
        #expect(allowance.nextAt == self.begin + .milliseconds(20))
    }

    @Test func theNarrowerOfCapAndBucketCounts() {
        var flow = AccountFlow.ofTests(rate: 10, burst: 5, maxInFlight: 3)
        #expect(flow.allow(10, inFlight: 0, now: self.begin).count == 3)
        #expect(flow.allow(10, inFlight: 2, now: self.begin).count == 1)
        flow.took(4, repetitions: 0, now: self.begin, jitter: 1)
        #expect(flow.allow(10, inFlight: 0, now: self.begin).count == 1)
    }

    @Test func whoGotNothingTookNothing() {
        var flow = AccountFlow.ofTests(rate: 10, burst: 5)
        let before = flow
        flow.took(0, repetitions: 0, now: self.begin, jitter: 1)
        #expect(flow == before)
    }

    @Test func aParkedAccountIsTriedWithOneMessageAtATimeMoreAndMoreSeldom() {
        var flow = AccountFlow.ofTests()
        _ = flow.hear(.refusal(), now: self.begin, jitter: 1)
        var (now, waits) = (self.begin, [Int]())
        for _ in 0..<11 {
            let allowance = flow.allow(10, inFlight: 0, now: now)
            #expect(allowance.count == 0)
            guard let next = allowance.nextAt else { break }
            waits.append(Int((next - now).milliseconds / 1000))
            now = next
            // What is in flight says as much as a probe.
            #expect(flow.allow(10, inFlight: 50, now: now) == .none(until: now + .milliseconds(500)))
            #expect(flow.allow(10, inFlight: 0, now: now).count == 1)
            flow.took(1, repetitions: 1, now: now, jitter: 1)
        }
        #expect(waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300])
    }

    @Test func anOutageIsTriedEachHalfMinuteAtLeast() {
        var flow = AccountFlow.ofTests()
        _ = flow.hear(.outages(20), now: self.begin, jitter: 1.2)
        #expect(flow.probeAt == self.begin + .milliseconds(1200))
        for _ in 0..<8 { flow.took(1, repetitions: 0, now: self.begin, jitter: 1.2) }
        #expect(flow.probeAt == self.begin + .seconds(36))
    }

    @Test func aProbeTooIsHeldToTheRate() {
        var flow = AccountFlow.ofTests(rate: 1, burst: 1)
        flow.took(1, repetitions: 0, now: self.begin, jitter: 1)
        _ = flow.hear(.refusal(), now: self.begin, jitter: 0.5)
        #expect(flow.allow(10, inFlight: 0, now: self.begin + .milliseconds(600)).count == 0)
        #expect(flow.allow(10, inFlight: 0, now: self.begin + .seconds(1)).count == 1)
    }

    @Test func whoRecoversGetsMoreAndMoreAndFewRepetitions() {
        var flow = AccountFlow.recovering()
        let allowance = flow.allow(10, inFlight: 0, now: self.begin)
        #expect(allowance == .init(count: 2, repetitions: 1, nextAt: self.begin + .milliseconds(20)))
        #expect(flow.allow(10, inFlight: 2, now: self.begin) == .none(until: self.begin + .milliseconds(20)))
        flow = .recovering(answers: 6)
        #expect(flow.allow(10, inFlight: 0, now: self.begin).count == 8)
        #expect(flow.allow(10, inFlight: 5, now: self.begin).count == 3)
    }

    /// A tenth of first sends, one a second, and ten at most.
    @Test func repetitionsAreEarned() {
        var flow = AccountFlow.recovering(answers: 60)
        flow.took(11, repetitions: 1, now: self.begin, jitter: 1)
        #expect(flow.allow(20, inFlight: 0, now: self.begin).repetitions == 1)
        flow.took(1, repetitions: 1, now: self.begin, jitter: 1)
        #expect(flow.allow(20, inFlight: 0, now: self.begin).repetitions == 0)
        #expect(flow.allow(20, inFlight: 0, now: self.begin + .seconds(3)).repetitions == 3)
        #expect(flow.allow(20, inFlight: 0, now: self.begin + .seconds(300)).repetitions == 10)
    }

    /// Its bucket was never filled, because it has none: that is no time in which repetitions were earned.
    @Test func anAccountWithoutARateBeginsToRecoverWithOneRepetition() {
        let limits = AccountFlow.ofTests().limits
        let account = AccountKey(orgID: .new(), accountID: .new())
        var flow = AccountFlow(account: account, limits: limits, tokens: 1, refilledAt: .epoch)
        _ = flow.hear(.outages(20), now: self.begin, jitter: 1)
        _ = flow.hear(.answers(1), now: self.begin, jitter: 1)
        #expect(flow.allow(2, inFlight: 0, now: self.begin).repetitions == 1)
    }
}
