package import Shared
import Synchronization

/// Slows down whoever guesses keys: refused keys are counted by the address they came from, and by address and key id.
///
/// In memory, and of each gateway: secrets have 256 bits, so nothing depends on the exact count. A known id and an invented
/// one are counted alike and get the same answers. Keys that were right here are refused by address and id only: one
/// caller behind a shared address must not keep the others out.
package final class GuessLimits: Sendable {
    /// Of one id from one address: 20 at once, then one a second.
    package static let ofKey = RateLimit(perSecond: 1, burst: 20)
    /// Of all keys from one address.
    package static let ofAddress = RateLimit(perSecond: 10, burst: 1000)
    /// A few megabytes; whoever has more addresses than this starts anew.
    private static let mostEntries = 20_000

    private struct Guess: Hashable {
        let address: String
        /// Nil for all of the address.
        let id: APIKeyID?
    }

    private struct State {
        var buckets: [Guess: TokenBucket] = [:]
        var right: Set<APIKeyID> = []
    }

    private let state = Mutex(State())
    private let now: @Sendable () -> Timestamp

    package init(now: @escaping @Sendable () -> Timestamp) {
        self.now = now
    }

    /// Looks before a key is verified.
    ///
    /// - Throws: `Problem` 429 `too-many-attempts`.
    package func check(_ address: String, _ id: APIKeyID?) throws(Problem) {
        let now = self.now()
        let wait: Duration? = self.state.withLock { state in
            guard !state.buckets.isEmpty else { return nil }
            let isRight = id.map(state.right.contains) ?? false
            let ofKey = id.flatMap { Self.wait(Guess(address: address, id: $0), Self.ofKey, state, now) }
            let ofAddress = isRight ? nil : Self.wait(Guess(address: address, id: nil), Self.ofAddress, state, now)
            return [ofKey, ofAddress].compactMap(\.self).max()
        }
        if let wait { throw .tooManyAttempts(after: wait) }
    }

    /// Notes a key that was refused.
    package func noteWrong(_ address: String, _ id: APIKeyID?) {
        let now = self.now()
        self.state.withLock { state in
            if state.buckets.count >= Self.mostEntries {
                state.buckets = state.buckets.filter { $0.value.fullAt > now }
                if state.buckets.count >= Self.mostEntries { state.buckets = [:] }
            }
            Self.take(Guess(address: address, id: nil), Self.ofAddress, &state, now)
            if let id { Self.take(Guess(address: address, id: id), Self.ofKey, &state, now) }
        }
    }

    /// Notes a key that was right.
    package func noteRight(_ id: APIKeyID) {
        self.state.withLock { state in
            if state.right.count >= Self.mostEntries { state.right = [] }
            state.right.insert(id)
        }
    }

    private static func wait(_ guess: Guess, _ limit: RateLimit, _ state: State, _ now: Timestamp) -> Duration? {
        guard let wait = state.buckets[guess]?.wait(for: 1, at: now, limit), wait > .zero else { return nil }
        return wait
    }

    private static func take(_ guess: Guess, _ limit: RateLimit, _ state: inout State, _ now: Timestamp) {
        var bucket = state.buckets[guess] ?? TokenBucket(fullAt: now)
        _ = bucket.take(upTo: 1, at: now, limit)
        state.buckets[guess] = bucket
    }
}

extension Problem {
    fileprivate static func tooManyAttempts(after wait: Duration) -> Problem {
        Problem(
            code: "too-many-attempts",
            status: 429,
            title:
                "Too many requests with keys that are not valid came from this address: look at the key, and come again later.",
            retryAfterSeconds: max(1, Int((wait / .seconds(1)).rounded(.up)))
        )
    }
}
