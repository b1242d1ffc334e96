package import Shared

/// What is known of a message when an event about one of its attempts arrives.
package struct MessageSnapshot: Sendable, Equatable {
    /// As stored: `sending` is `queued` with a lease.
    package let status: MessageStatus
    package let channel: Channel
    /// The number of the latest attempt that was begun; 0 before the first.
    package let latestAttempt: Int
    /// Attempts that count against the policy so far.
    package let attemptCount: Int
    package let retryPolicy: RetryPolicy
    /// Whether a provider took the message on an attempt other than the one the event is about.
    package let anotherArrived: Bool
    /// Whether the attempts after the one the event is about all came to nothing.
    package let laterOnesFailed: Bool
    /// Whether the attempt the event is about is in `attemptCount` already.
    package let isCounted: Bool

    package init(
        status: MessageStatus,
        channel: Channel,
        latestAttempt: Int,
        attemptCount: Int,
        retryPolicy: RetryPolicy,
        anotherArrived: Bool = false,
        laterOnesFailed: Bool = false,
        isCounted: Bool = false
    ) {
        self.status = status
        self.channel = channel
        self.latestAttempt = latestAttempt
        self.attemptCount = attemptCount
        self.retryPolicy = retryPolicy
        self.anotherArrived = anotherArrived
        self.laterOnesFailed = laterOnesFailed
        self.isCounted = isCounted
    }
}

/// What an event does to a message.
package enum MessageTransition: Sendable, Equatable {
    /// Nothing; kept for the timeline with the reason.
    case ignore(IgnoreReason)
    /// It is known of the attempt, and changes nothing for the message.
    case noteAttempt
    /// The message has this status, and leaves the queue.
    case settle(MessageStatus)
    /// The message is queued for another attempt after a wait.
    case retry(after: Duration, AttemptCost)
    /// The provider wants a pause: no attempt is spent, and the message keeps its place.
    case pause(Duration)
    /// The account can not send; the message waits for it.
    case waitForAccount
    /// Nothing was tried: the message is as due as before.
    case giveBack
    /// The message is held until evidence, or its policy, decides.
    case hold

    package enum IgnoreReason: String, Sendable {
        /// The attempt is already known to be at least as far.
        case late
    }

    package enum AttemptCost: Sendable {
        case counts, free
    }
}

extension MessageSnapshot {
    /// Decides what an event about an attempt does to the message.
    ///
    /// Pure: saving, the clock and chance are the caller's work. A message is as far as the furthest of its attempts, so
    /// evidence never moves it backwards; only the failure of its latest attempt can fail it or queue it again.
    ///
    /// - Parameters:
    ///   - event: what became known.
    ///   - number: of which attempt.
    ///   - known: what was known of that attempt before; nil when nothing.
    ///   - jitter: a factor in 0.8...1.2 for waits.
    /// - Returns: what to do; nothing is done here.
    package func applying(
        _ event: DeliveryEvent,
        toAttempt number: Int,
        known: AttemptState?,
        jitter: Double
    ) -> MessageTransition {
        let state = known?.folding(event.attemptState, on: self.channel) ?? event.attemptState
        guard state != known else { return .ignore(.late) }
        switch event.kind {
        case .sent: return self.reached(.sent)
        case .delivered: return self.reached(.delivered)
        case .read: return self.reached(.read)
        case .unused, .uncertain, .failed:
            guard self.isLast(number), self.isOpen(to: event, known: known) else { return .noteAttempt }
            return self.disappointed(by: event, jitter: jitter)
        }
    }

    /// The furthest of what the message was and what one of its attempts is.
    private func reached(_ next: MessageStatus) -> MessageTransition {
        switch self.status {
        case .delivered where next == .sent, .read where next == .sent || next == .delivered: .noteAttempt
        case .sent where next == .sent, .delivered where next == .delivered, .read where next == .read: .noteAttempt
        case .scheduled, .queued, .sending, .uncertain, .sent, .delivered, .read, .failed, .skipped, .cancelled,
            .expired:
            .settle(next)
        }
    }

    /// Whether the message has nothing to hope for but this attempt: it is the latest, or the one by which it was sent although
    /// later ones came to nothing.
    private func isLast(_ number: Int) -> Bool {
        guard number < self.latestAttempt else { return true }
        switch self.status {
        case .sent, .delivered, .read: return self.laterOnesFailed
        case .scheduled, .queued, .sending, .uncertain, .failed, .skipped, .cancelled, .expired: return false
        }
    }

    /// Whether the latest attempt's disappointment still means something to the message.
    private func isOpen(to event: DeliveryEvent, known: AttemptState?) -> Bool {
        switch self.status {
        case .scheduled, .queued, .sending, .uncertain: true
        // Reported later: what was sent was refused on the way. An email may bounce even after it was delivered.
        // When it was another attempt that was sent, this one's failure does not matter.
        case .sent, .delivered, .read: event.attemptState == .failed && known != nil && !self.anotherArrived
        case .failed, .skipped, .cancelled, .expired: false
        }
    }

    private func disappointed(by event: DeliveryEvent, jitter: Double) -> MessageTransition {
        switch event.kind {
        case .unused:
            return .giveBack
        case .failed(.throttled, let retryAfter):
            return .pause(RetryPolicy.waitWhenThrottled(retryAfter: retryAfter, jitter: jitter))
        case .failed(.account, _):
            return .waitForAccount
        case .failed(.transient, let retryAfter):
            // What was sent first and refused on the way was counted when it was sent.
            let cost: MessageTransition.AttemptCost = self.isCounted ? .free : .counts
            let attempts = self.attemptCount + (cost == .counts ? 1 : 0)
            let wait = self.retryPolicy.wait(afterAttempts: attempts, retryAfter: retryAfter, jitter: jitter)
            return wait.map { .retry(after: $0, cost) } ?? .settle(.failed)
        case .failed(.permanent, _):
            return .settle(.failed)
        case .uncertain, .failed(.uncertain, _):
            return .hold
        case .sent, .delivered, .read:
            return .noteAttempt
        }
    }
}
