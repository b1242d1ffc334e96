import Testing

@testable import OutboundWorker

struct BackoffTests {
    @Test func pausesDoubleUpToASecond() {
        var backoff = Backoff()
        let pauses = (0..<8).map { _ in backoff.pause(jitter: 1) }
        #expect(pauses == [50, 100, 200, 400, 800, 1000, 1000, 1000].map { .milliseconds($0) })
    }

    @Test func aVeryLongSeriesDoesNotOverflow() {
        var backoff = Backoff()
        let last = (0..<10_000).map { _ in backoff.pause(jitter: 0.5) }.last
        #expect(last == .milliseconds(500))
    }

    @Test func theFirstFailureIsToldAndThenOneInSixty() {
        var backoff = Backoff()
        let told = (1...121).filter { _ in
            _ = backoff.pause(jitter: 1)
            return backoff.isWorthTelling
        }
        #expect(told == [1, 61, 121])
    }
}
