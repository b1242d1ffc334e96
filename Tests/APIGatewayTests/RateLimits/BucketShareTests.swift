import APIGateway
import Shared
import Testing

/// Several gateways' shares of one bucket, in virtual time.
@Suite struct BucketShareTests {
    /// One bucket, and gateways that ask it when their shares say so.
    private struct Gateways {
        let limit: RateLimit
        var bucket = TokenBucket(fullAt: .epoch)
        var shares: [BucketShare]
        var microseconds: Int64 = 0
        var questions = 0
        let start = ContinuousClock.now

        init(_ count: Int, _ limit: RateLimit) {
            self.limit = limit
            self.shares = Array(repeating: BucketShare(), count: count)
        }

        private var now: ContinuousClock.Instant { self.start + .microseconds(self.microseconds) }

        /// Whether a request that costs `cost` is let through by this gateway.
        mutating func request(_ gateway: Int, cost: Int = 1) -> Bool {
            while true {
                switch self.shares[gateway].pay(cost, self.limit, at: self.now) {
                case .paid(let count):
                    if let count { self.ask(count, gateway) }
                    return true
                case .ask(let count): self.ask(count, gateway)
                case .refused: return false
                }
            }
        }

        private mutating func ask(_ count: Int, _ gateway: Int) {
            self.questions += 1
            let time = Timestamp(microseconds: self.microseconds)
            let taken = self.bucket.take(upTo: count, at: time, self.limit)
            let grant = Grant(
                count: taken,
                rest: self.bucket.available(at: time, self.limit),
                wait: self.bucket.wait(for: 1, at: time, self.limit) ?? .zero
            )
            self.shares[gateway].receive(grant, asked: count, self.limit, at: self.now)
        }
    }

    /// A caller that never stops asking, at any number of gateways, gets what the limit says: neither more nor less.
    @Test(arguments: [1, 2, 5], [(10, 20), (100, 100), (300, 50), (3, 1), (200, 4)])
    func together(gateways count: Int, limit: (perSecond: Int, burst: Int)) {
        let limit = RateLimit(perSecond: limit.perSecond, burst: limit.burst)
        var gateways = Gateways(count, limit)
        var random = SplitMix(state: 7)
        let seconds = 5
        // Ten times as many requests as the limit allows, but no more than a test has time for.
        let requests = min(10 * limit.perSecond * seconds, 20_000)
        var passed = 0
        for index in 0..<requests {
            gateways.microseconds = Int64(index) * Int64(seconds) * 1_000_000 / Int64(requests)
            if gateways.request(Int.random(in: 0..<count, using: &random)) { passed += 1 }
        }
        let most = limit.burst + limit.perSecond * seconds
        #expect(passed <= most)
        if requests > most {
            // What is missing is what the gateways still hold, and the last pause of an empty bucket.
            let held = gateways.shares.map(\.held).reduce(0, +)
            #expect(passed + held >= most - limit.perSecond / 20 - 1 - count)
        }
    }

    @Test func aBusyCallerCostsAQuestionForEachTenthOfASecond() {
        var gateways = Gateways(1, RateLimit(perSecond: 1000, burst: 1000))
        var paid = 0
        for index in 0..<5000 {
            gateways.microseconds = Int64(index) * 1000
            if gateways.request(0) { paid += 1 }
        }
        #expect(paid == 5000)
        #expect(gateways.questions <= 51)
    }

    @Test func anAbusiveCallerCostsTwentyQuestionsASecond() {
        var gateways = Gateways(1, RateLimit(perSecond: 10, burst: 10))
        for index in 0..<10_000 {
            gateways.microseconds = Int64(index) * 100
            _ = gateways.request(0)
        }
        #expect(gateways.questions <= 10 + 21)
    }

    @Test func aBatchWaitsForAllItsTokens() {
        var gateways = Gateways(1, RateLimit(perSecond: 10, burst: 20))
        let isPaid = [Int64(0), 0, 900_000, 1_000_000].map { microseconds in
            gateways.microseconds = microseconds
            return gateways.request(0, cost: 15)
        }
        #expect(isPaid == [true, false, false, true])
    }

    @Test func whatNobodyUsesIsGivenBack() {
        var share = BucketShare()
        let limit = RateLimit(perSecond: 1000, burst: 1000)
        let now = ContinuousClock.now
        let first = share.pay(1, limit, at: now)
        share.receive(Grant(count: 100, rest: 900, wait: .zero), asked: 100, limit, at: now)
        let second = share.pay(1, limit, at: now)
        #expect([first, second] == [.ask(100), .paid(asking: nil)])
        let retired = [Duration.seconds(59), .seconds(60)].map { share.retire(after: .seconds(60), at: now + $0) }
        #expect(retired == [nil, 99])
        #expect(share.held == 0)
    }
}
