import Shared

/// Looks at a message until its fate is known.
struct AwaitOutcome {
    enum Verdict: Equatable {
        /// Delivered or read; or taken by the provider, which has reported nothing more in time.
        case went
        case failed
        case unfinished
    }

    struct End {
        let answer: APIAnswer
        let verdict: Verdict
    }

    /// Between two looks at first: a sandbox message is delivered within a few of them.
    private static let firstPause: Duration = .milliseconds(100)
    /// Between two looks later, when the message waits for something slow.
    private static let longestPause: Duration = .seconds(2)

    let reading: MessageReading
    let limit: Duration

    func run<C: Clock<Duration>>(on clock: C) async throws -> End {
        let end = clock.now.advanced(by: self.limit)
        var pause = Self.firstPause
        while true {
            let answer = try await self.reading.message()
            guard let status = answer.json?["status"]?.string else { throw self.reading.client.foreign(answer) }
            if let verdict = Self.verdict(of: status) { return End(answer: answer, verdict: verdict) }
            guard clock.now < end else {
                return End(answer: answer, verdict: status == MessageStatus.sent.rawValue ? .went : .unfinished)
            }
            try await clock.sleep(for: min(pause, clock.now.duration(to: end)))
            pause = min(pause * 2, Self.longestPause)
        }
    }

    /// Nil while something may still happen soon.
    static func verdict(of status: String) -> Verdict? {
        switch MessageStatus(rawValue: status) {
        case .delivered, .read: .went
        case .failed, .skipped, .cancelled, .expired: .failed
        case .scheduled, .queued, .sending, .uncertain, .sent, nil: nil
        }
    }
}
