import MessagingService
import Shared
import Testing

@Suite struct RetryPolicyTests {
    @Test(arguments: [
        (RetryPolicy.Preset.kobliat, [10, 30, 60]), (.scheduler, [60, 300, 900]), (.prasso, [60, 120, 300, 600]),
        (.outbox, [60, 300, 900, 3600, 21_600]),
    ])
    func presetsWaitAsTheirNamesPromise(preset: RetryPolicy.Preset, seconds: [Int]) {
        #expect(preset.policy.delays == seconds.map { .seconds($0) })
    }

    @Test(
        arguments: [
            (nil, 1.0, 10.0), (5, 1.0, 10.0), (15, 1.0, 15.0), (3600, 1.0, 20.0), (nil, 0.8, 8.0), (nil, 1.2, 12.0),
        ] as [(Int?, Double, Double)]
    )
    func aProvidersWishIsHonouredUpToTwiceOurOwnWait(retryAfter: Int?, jitter: Double, seconds: Double) {
        let wait = RetryPolicy(delays: [.seconds(10)]).wait(
            afterAttempts: 1,
            retryAfter: retryAfter.map { .seconds($0) },
            jitter: jitter
        )
        #expect(wait == .seconds(seconds))
    }

    @Test func afterTheLastDelayThereIsNoWait() {
        #expect(RetryPolicy(delays: [.seconds(1)]).wait(afterAttempts: 2, retryAfter: nil, jitter: 1) == nil)
        #expect(RetryPolicy(delays: []).wait(afterAttempts: 1, retryAfter: nil, jitter: 1) == nil)
    }

    @Test(arguments: [(0, [Int]()), (1, [10]), (2, [10, 30]), (4, [10, 30, 30, 30])])
    func aNumberOfRetriesCutsOrProlongsThePolicy(retries: Int, seconds: [Int]) {
        let policy = RetryPolicy(delays: [.seconds(10), .seconds(30)]).limited(to: retries)
        #expect(policy.delays == seconds.map { .seconds($0) })
    }

    @Test(arguments: [(nil, 1), (0, 1), (7, 7), (86_400, 3600)] as [(Int?, Int)])
    func aThrottledMessageWaitsAsLongAsItIsTold(retryAfter: Int?, seconds: Int) {
        let wait = RetryPolicy.waitWhenThrottled(retryAfter: retryAfter.map { .seconds($0) }, jitter: 1)
        #expect(wait == .seconds(seconds))
    }
}
