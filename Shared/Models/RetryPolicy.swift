/// How long to wait before each further attempt.
package struct RetryPolicy: Sendable, Hashable {
    /// Waits before attempts 2, 3, …; after the last one the message has failed.
    ///
    /// At most 20, each at most 7 days.
    package let delays: [Duration]

    package static let maximumDelays = 20
    package static let maximumDelay: Duration = .seconds(7 * 86_400)
    /// How long a throttled message waits when the provider names no time, and how long at most.
    package static let throttled = (least: Duration.seconds(1), most: Duration.seconds(3600))

    package init(delays: [Duration]) {
        self.delays = delays
    }

    /// As it is stored: the column `retry_delays`.
    package init(milliseconds: [Int]) {
        self.init(delays: milliseconds.map { .milliseconds($0) })
    }

    package var milliseconds: [Int] { self.delays.map { Int($0.milliseconds) } }

    /// The policies that have a name.
    package enum Preset: String, Sendable, CaseIterable {
        case kobliat, scheduler, prasso, outbox

        package var policy: RetryPolicy {
            switch self {
            case .kobliat: RetryPolicy(delays: [.seconds(10), .seconds(30), .seconds(60)])
            case .scheduler: RetryPolicy(delays: [.seconds(60), .seconds(300), .seconds(900)])
            case .prasso: RetryPolicy(delays: [.seconds(60), .seconds(120), .seconds(300), .seconds(600)])
            case .outbox:
                RetryPolicy(delays: [.seconds(60), .seconds(300), .seconds(900), .seconds(3600), .seconds(21_600)])
            }
        }
    }

    /// The same policy with `retries` further attempts: cut short, or its last delay repeated.
    package func limited(to retries: Int) -> RetryPolicy {
        guard retries > self.delays.count, let last = self.delays.last else {
            return RetryPolicy(delays: Array(self.delays.prefix(retries)))
        }
        return RetryPolicy(delays: self.delays + Array(repeating: last, count: retries - self.delays.count))
    }

    /// The wait after a failed attempt.
    ///
    /// - Parameters:
    ///   - attempts: how many attempts count so far, the failed one included; from 1.
    ///   - retryAfter: the provider's wish, honoured up to twice our own wait.
    ///   - jitter: a factor in 0.8...1.2, passed in so that the function stays pure.
    /// - Returns: nil when no attempt is left.
    package func wait(afterAttempts attempts: Int, retryAfter: Duration?, jitter: Double) -> Duration? {
        guard self.delays.indices.contains(attempts - 1) else { return nil }
        let base = self.delays[attempts - 1]
        return min(max(retryAfter ?? base, base), base * 2) * jitter
    }

    /// The wait after a throttling answer, which spends no attempt.
    package static func waitWhenThrottled(retryAfter: Duration?, jitter: Double) -> Duration {
        min(max(retryAfter ?? self.throttled.least, self.throttled.least), self.throttled.most) * jitter
    }
}
