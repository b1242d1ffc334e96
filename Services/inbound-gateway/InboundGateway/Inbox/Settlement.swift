import Shared

/// What a row of `inbox_events` becomes after a try.
struct Settlement: Sendable, Equatable {
    let event: ClaimedEvent
    let state: InboxState
    let refusals: Int
    let error: String?
    /// Until the next try; nil unless `state` is pending.
    let pause: Duration?

    init(_ event: ClaimedEvent, _ verdict: PassVerdict, policy: InboxPolicy) {
        self.event = event
        switch verdict {
        case .done:
            self.state = .done
            self.refusals = event.refusals
            self.error = nil
            self.pause = nil
        case .refused(let reason):
            self.refusals = event.refusals + 1
            self.state = self.refusals >= policy.maximumRefusals ? .failed : .pending
            self.error = Self.shortened(reason)
            self.pause = self.state == .failed ? nil : policy.pause(afterAttempt: event.attempts)
        case .unavailable(let reason):
            self.state = .pending
            self.refusals = event.refusals
            self.error = Self.shortened(reason)
            self.pause = policy.outagePause(afterFailures: event.attempts)
        }
    }

    /// 500 scalars are at most 2,000 bytes, and the column takes 2,048.
    private static func shortened(_ reason: String) -> String {
        StorableText.plain(String(String.UnicodeScalarView(reason.unicodeScalars.prefix(500))))
    }
}
