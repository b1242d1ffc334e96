import Shared

/// The tokens that this gateway holds of one bucket, and what it knows of the rest.
///
/// Pure: asking the bucket is the caller's work.
package struct BucketShare: Sendable {
    /// What becomes of a request.
    package enum Decision: Sendable, Equatable {
        /// It is paid for. `asking` tokens are to be asked for in the background, when there are few left.
        case paid(asking: Int?)
        /// So many tokens are to be asked for first.
        case ask(Int)
        /// The bucket was empty a moment ago: none will be there before this time has passed.
        case refused(after: Duration)
    }

    /// How long one gateway's block lasts at the full rate: ten questions a second, however many requests.
    private static let blockTime: Duration = .milliseconds(100)
    /// The least time between two questions to an empty bucket.
    private static let pause: Duration = .milliseconds(50)

    package private(set) var held = 0
    private var usedAt: ContinuousClock.Instant?
    private var emptyUntil: ContinuousClock.Instant?
    private var rest = 0
    private var heardAt: ContinuousClock.Instant?

    package init() {}

    /// Tokens of one question.
    ///
    /// A share holds one and a half blocks, of the burst three eighths, and what requests were waiting for.
    package static func block(of limit: RateLimit) -> Int {
        max(1, min(limit.perSecond * Int(Self.blockTime.milliseconds) / 1000, limit.burst / 4))
    }

    /// Pays `cost` out of what is held.
    package mutating func pay(_ cost: Int, _ limit: RateLimit, at now: ContinuousClock.Instant) -> Decision {
        self.usedAt = now
        let block = Self.block(of: limit)
        let isEmpty = self.emptyUntil.map { now < $0 } ?? false
        if self.held >= cost {
            self.held -= cost
            return .paid(asking: !isEmpty && block > 1 && self.held * 2 < block ? block : nil)
        }
        if isEmpty, let emptyUntil {
            return .refused(after: emptyUntil - now + TokenBucket.time(toFill: cost - self.held - 1, limit))
        }
        return .ask(max(cost - self.held, block))
    }

    /// Takes what the bucket gave for `asked`.
    package mutating func receive(_ grant: Grant, asked: Int, _ limit: RateLimit, at now: ContinuousClock.Instant) {
        // A small burst must not overflow meanwhile.
        let pause = min(Self.pause, TokenBucket.time(toFill: (limit.burst + 1) / 2, limit))
        self.held += grant.count
        self.rest = grant.rest
        self.heardAt = now
        self.emptyUntil = grant.count < asked ? now + max(grant.wait, pause) : nil
    }

    /// Puts back what a request paid that is refused for another reason.
    package mutating func refund(_ cost: Int) { self.held += cost }

    /// Tokens that are left, as far as this gateway knows: its own, and what the bucket had when it was last asked.
    package func remaining(_ limit: RateLimit, at now: ContinuousClock.Instant) -> Int {
        let since = self.heardAt.map { now - $0 } ?? .zero
        let filled = min(Double(limit.burst), since / .seconds(1) * Double(limit.perSecond))
        return min(limit.burst, self.held + self.rest + Int(filled))
    }

    /// - Returns: the tokens to be given back, when nobody asked for any for `idle`; nil while it is in use.
    package mutating func retire(after idle: Duration, at now: ContinuousClock.Instant) -> Int? {
        if let usedAt, now - usedAt < idle { return nil }
        defer { self.held = 0 }
        return self.held
    }
}
