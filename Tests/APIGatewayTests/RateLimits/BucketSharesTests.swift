import APIGateway
import Shared
import Synchronization
import TestSupport
import Testing

/// The shares of a gateway over a source in memory that counts how often it is asked.
@Suite(.timeLimit(.minutes(5))) struct BucketSharesTests {
    private final class Source: Sendable {
        struct State {
            var bucket = TokenBucket(fullAt: .epoch)
            var questions = 0
            var isDown = false
            var returned: [Duration] = []
        }

        let state = Mutex(State())

        func take(_ count: Int, _ limit: RateLimit) throws -> Grant {
            try self.state.withLock { state in
                if state.isDown { throw Problem.unavailable }
                state.questions += 1
                let taken = state.bucket.take(upTo: count, at: .epoch, limit)
                return Grant(count: taken, rest: state.bucket.available(at: .epoch, limit), wait: .seconds(1))
            }
        }
    }

    private let source = Source()
    private let time = TestTime()
    private let owner = BucketOwner(org: .new())
    private let limit = RateLimit(perSecond: 100, burst: 1000)

    private func shares() -> BucketShares {
        let source = self.source
        return BucketShares(
            instant: self.time.time.instant,
            clock: ContinuousClock(),
            logger: .quiet,
            take: { count, _, limit in try source.take(count, limit) },
            giveBack: { shares in source.state.withLock { $0.returned += shares.map(\.time) } }
        )
    }

    @Test func aThousandAtOnceArePaidOnceEach() async throws {
        let shares = self.shares()
        let paid = try await withThrowingTaskGroup(of: Bool.self) { tasks in
            for _ in 0..<1500 {
                tasks.addTask { try await shares.pay(1, from: self.owner, self.limit) == nil }
            }
            return try await tasks.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(paid == 1000)
        #expect(self.source.state.withLock { $0.questions } < 200)
    }

    @Test func withoutTheDatabaseWhatIsHeldStillServes() async throws {
        let shares = self.shares()
        #expect(try await shares.pay(1, from: self.owner, self.limit) == nil)
        self.source.state.withLock { $0.isDown = true }
        for _ in 0..<9 { #expect(try await shares.pay(1, from: self.owner, self.limit) == nil) }
        await #expect(throws: Problem.unavailable) { try await shares.pay(1, from: self.owner, self.limit) }
        self.source.state.withLock { $0.isDown = false }
        #expect(try await shares.pay(1, from: self.owner, self.limit) == nil)
    }

    @Test func whatNobodyUsesGoesBackToTheBucket() async throws {
        let shares = self.shares()
        _ = try await shares.pay(1, from: self.owner, self.limit)
        self.time.advance(by: BucketShares.idleTime - .milliseconds(1))
        await shares.retire()
        #expect(self.source.state.withLock { $0.returned } == [])
        self.time.advance(by: .milliseconds(1))
        await shares.retire()
        // Nine tokens of a block of ten, at a hundred a second.
        #expect(self.source.state.withLock { $0.returned } == [.milliseconds(90)])
        await shares.retire()
        #expect(self.source.state.withLock { $0.returned.count } == 1)
    }
}
