package import Shared

extension AccountFlow {
    /// What a batch of outcomes says about an account.
    package struct News: Sendable, Equatable {
        /// The provider took messages, or judged them: it is there, and knows the account.
        package var answers = 0
        /// It took at least one: the account can send.
        package var hasAccepted = false
        /// It did not answer as a provider does that is up.
        package var outages = 0
        /// It refused the account itself.
        package var refusal: ProviderError?
        /// It wants a pause of the whole account.
        package var pause: Duration?

        package init() {}

        var isTrouble: Bool { self.outages > 0 || self.refusal != nil || self.pause != nil }
    }

    /// What the news did to the gate, for the audit trail.
    package enum Change: Sendable, Equatable {
        case parked(ProviderError)
        case resumed
        case outageBegan, outageEnded
    }

    /// Failures in a row after which a provider counts as away.
    static let outageFailures = 20
    /// How many may be in flight when a provider is back, and when it counts as healthy.
    static let ramp = (first: 2.0, last: 64.0)
    /// An account with few messages counts as healthy after this time too.
    static let longestRecovery: Duration = .seconds(60)

    /// Takes in what became known; `jitter` is a factor in 1...1.2 for the time of the next probe.
    package mutating func hear(_ news: News, now: Timestamp, jitter: Double) -> Change? {
        if let pause = news.pause { self.freeze(until: now + pause) }
        if let refusal = news.refusal, !news.hasAccepted { return self.refused(refusal, now: now, jitter: jitter) }
        switch self.gate {
        case .open:
            self.failures = news.answers > 0 ? 0 : self.failures + news.outages
            guard self.failures >= Self.outageFailures else { return nil }
            self.close(.outage, by: Self.provider, reason: "The provider does not answer.", now: now, jitter: jitter)
            return .outageBegan
        case .parked:
            guard self.gateBy == Self.provider, news.hasAccepted else { return nil }
            self.open()
            return .resumed
        case .outage:
            guard news.answers > 0 else { return nil }
            (self.gate, self.ramp, self.retryCredit) = (.recovering, Self.ramp.first, 1)
            (self.gateSince, self.probeAt, self.failures) = (now, nil, 0)
            self.refilledAt = max(now, self.refilledAt)
            return nil
        case .recovering:
            return self.recover(news, now: now, jitter: jitter)
        }
    }

    /// Closes the gate at a person's wish: nothing tries whether it can be opened.
    package mutating func park(by actor: String, reason: String?, now: Timestamp) {
        (self.gate, self.gateSince, self.gateBy, self.gateReason) = (.parked, now, actor, reason)
        (self.probeAt, self.probes, self.failures) = (nil, 0, 0)
    }

    /// Opens the gate, whoever closed it.
    package mutating func open() {
        (self.gate, self.gateSince, self.gateBy, self.gateReason) = (.open, nil, nil, nil)
        (self.probeAt, self.probes, self.failures, self.ramp) = (nil, 0, 0, 0)
    }

    private mutating func refused(_ refusal: ProviderError, now: Timestamp, jitter: Double) -> Change? {
        guard self.gate == .parked else {
            self.close(.parked, by: Self.provider, reason: refusal.sentence, now: now, jitter: jitter)
            return .parked(refusal)
        }
        if self.gateBy == Self.provider { self.gateReason = refusal.sentence }
        return nil
    }

    private mutating func recover(_ news: News, now: Timestamp, jitter: Double) -> Change? {
        guard news.outages <= news.answers else {
            self.close(.outage, by: Self.provider, reason: "The provider does not answer.", now: now, jitter: jitter)
            return nil
        }
        self.ramp += Double(news.answers)
        let isOver = self.gateSince.map { $0 + Self.longestRecovery <= now } ?? false
        guard self.ramp >= Self.ramp.last || isOver else { return nil }
        self.open()
        return .outageEnded
    }

    private mutating func close(_ gate: Gate, by closer: String, reason: String, now: Timestamp, jitter: Double) {
        // What returns to an outage keeps the count of its probes: their distance goes on growing.
        if self.gate != .recovering { self.probes = 0 }
        (self.gate, self.gateSince, self.gateBy, self.gateReason) = (gate, self.gateSince ?? now, closer, reason)
        self.failures = 0
        self.probeAt = now + self.probeInterval * jitter
    }

    private mutating func freeze(until time: Timestamp) {
        guard time > self.refilledAt else { return }
        (self.tokens, self.refilledAt) = (min(self.tokens, 1), time)
    }
}

extension ProviderError {
    /// For an operator to read.
    fileprivate var sentence: String { "\(self.code): \(self.detail)" }
}
