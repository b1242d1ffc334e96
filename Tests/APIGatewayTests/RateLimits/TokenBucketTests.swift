import APIGateway
import Shared
import Testing

@Suite struct TokenBucketTests {
    private let start = Timestamp(microseconds: 1_000_000_000)
    private let limit = RateLimit(perSecond: 10, burst: 20)

    @Test func aFullBucketGivesItsBurstAndNoMore() {
        var bucket = TokenBucket(fullAt: self.start)
        let taken = [25, 1].map { bucket.take(upTo: $0, at: self.start, self.limit) }
        #expect(taken == [20, 0])
        #expect(bucket.wait(for: 1, at: self.start, self.limit) == .milliseconds(100))
        #expect(bucket.wait(for: 20, at: self.start, self.limit) == .seconds(2))
        #expect(bucket.wait(for: 21, at: self.start, self.limit) == nil)
    }

    @Test(arguments: [(0, 0), (99, 0), (100, 1), (199, 1), (1000, 10), (2000, 20), (60_000, 20)])
    func itFillsAtItsRateUpToTheBurst(milliseconds: Int, tokens: Int) {
        var bucket = TokenBucket(fullAt: self.start)
        _ = bucket.take(upTo: 20, at: self.start, self.limit)
        #expect(bucket.available(at: self.start + .milliseconds(milliseconds), self.limit) == tokens)
    }

    @Test func aGreaterLimitHoldsAtOnceAndASmallerOneDoesNotOverflow() {
        var bucket = TokenBucket(fullAt: self.start)
        _ = bucket.take(upTo: 20, at: self.start, self.limit)
        #expect(bucket.available(at: self.start, RateLimit(perSecond: 10, burst: 30)) == 10)
        let narrow = RateLimit(perSecond: 1, burst: 1)
        #expect(bucket.available(at: self.start, narrow) == 0)
        let ages = TokenBucket(fullAt: self.start + .seconds(86_400 * 365))
        #expect(ages.available(at: self.start, RateLimit(perSecond: 100_000, burst: 200_000)) == 0)
    }

    /// Whatever is asked for and when: what was given until any moment is the burst and the rate's share, and no more.
    @Test(arguments: [(3, 7), (7, 1), (10, 20), (999, 1000), (7000, 200_000), (100_000, 1)])
    func noMoreThanTheLimitIsEverGiven(perSecond: Int, burst: Int) {
        let limit = RateLimit(perSecond: perSecond, burst: burst)
        var random = SplitMix(state: UInt64(perSecond * 31 + burst))
        var bucket = TokenBucket(fullAt: self.start)
        var (now, given, excess) = (self.start, 0, 0.0)
        for _ in 0..<1000 {
            now = now + .microseconds(Int64.random(in: 0...100_000, using: &random))
            given += bucket.take(upTo: Int.random(in: 1...max(2, burst / 3), using: &random), at: now, limit)
            let most = Double(burst) + Double((now - self.start).microseconds) * Double(perSecond) / 1e6
            excess = max(excess, Double(given) - most)
        }
        #expect(given > burst)
        #expect(excess == 0)
    }
}
