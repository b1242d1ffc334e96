package import Shared

extension AccountFlow {
    /// How many messages may be claimed now, and of which kind.
    package struct Allowance: Sendable, Equatable {
        /// All together.
        package var count: Int
        /// Of these, how many may be repetitions; nil when that does not matter.
        package var repetitions: Int?
        /// When to ask again, if `count` was not what was wanted; nil when nothing is known to change by itself.
        package var nextAt: Timestamp?

        package static func none(until time: Timestamp?) -> Allowance { Allowance(count: 0, nextAt: time) }
    }

    /// A slice of a second: an account that may send more often than that is asked for several messages at once.
    private static let slice = 0.02
    /// Rests of a message in flight are not known; an account at its cap is asked again soon.
    private static let capRetry: Duration = .milliseconds(20)
    /// The same for an account whose gate is closed and whose probe is under way.
    private static let probeRetry: Duration = .milliseconds(500)
    /// Repetitions are at most a tenth of first sends while a provider recovers, and one a second at least.
    static let repetitionShare = 0.1

    /// Refills the bucket, and says what may be claimed of `wanted`.
    package mutating func allow(_ wanted: Int, inFlight: Int, now: Timestamp) -> Allowance {
        self.refill(now)
        switch self.gate {
        case .open:
            return self.withinLimits(wanted, inFlight: inFlight, now: now)
        case .parked, .outage:
            guard let probeAt else { return .none(until: nil) }
            guard probeAt <= now else { return .none(until: probeAt) }
            // One tries at a time; what was in flight when the gate closed says as much as a probe.
            guard inFlight == 0 else { return .none(until: now + Self.probeRetry) }
            return self.withinLimits(min(wanted, 1), inFlight: 0, now: now)
        case .recovering:
            let room = Int(self.ramp) - inFlight
            guard room > 0 else { return .none(until: now + Self.capRetry) }
            var allowance = self.withinLimits(min(wanted, room), inFlight: inFlight, now: now)
            allowance.repetitions = min(allowance.count, Int(self.retryCredit))
            allowance.nextAt = allowance.nextAt ?? (now + Self.capRetry)
            return allowance
        }
    }

    /// Notes what was claimed after `allow`; `jitter` is a factor in 1...1.2.
    package mutating func took(_ count: Int, repetitions: Int, now: Timestamp, jitter: Double) {
        guard count > 0 else { return }
        if self.limits.rate != nil { self.tokens -= Double(count) }
        switch self.gate {
        case .open:
            break
        case .parked, .outage:
            // Counted here and not when it fails: what was in flight when the gate closed fails too, and is no probe.
            self.probes += 1
            self.probeAt = now + self.probeInterval * jitter
        case .recovering:
            self.retryCredit -= Double(repetitions)
            self.retryCredit += Double(count - repetitions) * Self.repetitionShare
        }
    }

    /// A second at first, doubled with each probe in vain: up to 5 minutes for a parked account, 30 s in an outage.
    var probeInterval: Duration {
        let most: Duration = self.gate == .outage ? .seconds(30) : .seconds(300)
        return min(.seconds(1 << min(self.probes, 10)), most)
    }

    private mutating func refill(_ now: Timestamp) {
        guard self.limits.rate != nil || self.gate == .recovering else { return }
        let elapsed = Double((now - self.refilledAt).microseconds) / 1_000_000
        guard elapsed > 0 else { return }
        if self.gate == .recovering { self.retryCredit = min(self.retryCredit + elapsed, 10) }
        if let rate = self.limits.rate, let burst = self.limits.burst {
            self.tokens = min(burst, self.tokens + rate * elapsed)
        }
        self.refilledAt = now
    }

    private func withinLimits(_ wanted: Int, inFlight: Int, now: Timestamp) -> Allowance {
        var allowance = Allowance(count: wanted)
        if let cap = self.limits.maxInFlight, cap - inFlight < allowance.count {
            allowance = Allowance(count: max(0, cap - inFlight), nextAt: now + Self.capRetry)
        }
        // While the bucket is frozen its last refill lies ahead.
        guard self.refilledAt <= now else { return .none(until: self.refilledAt) }
        guard let rate = self.limits.rate, let burst = self.limits.burst else { return allowance }
        let available = max(0, Int(self.tokens + 1e-6))
        guard available < allowance.count else { return allowance }
        let goal = min(burst, max(1, rate * Self.slice))
        let wait = max(0, goal - (self.tokens - Double(available))) / rate
        return Allowance(count: available, nextAt: now + .microseconds(Int64(wait * 1_000_000) + 1))
    }
}
