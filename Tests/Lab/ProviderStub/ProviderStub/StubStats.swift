import Synchronization

/// What happened since the start.
package struct StubStats: Sendable, Codable, Equatable {
    /// Messages in the ledger.
    package var accepted = 0
    /// Sending requests that put nothing in the ledger.
    package var rejected = 0
    /// Webhooks that had been taken before, and were dropped.
    package var repeated = 0
    /// Callbacks answered with 2xx.
    package var callbacksSent = 0
    /// Callbacks given up after the last try.
    package var callbacksFailed = 0
    /// Tries that were repeated.
    package var callbacksRetried = 0
    /// Callbacks never tried, because too many waited.
    package var callbacksDropped = 0
    /// Messages with callbacks still to come.
    package var callbacksPending = 0

    private enum CodingKeys: String, CodingKey {
        case accepted, rejected, repeated
        case callbacksSent = "callbacks_sent"
        case callbacksFailed = "callbacks_failed"
        case callbacksRetried = "callbacks_retried"
        case callbacksDropped = "callbacks_dropped"
        case callbacksPending = "callbacks_pending"
    }
}

/// The counters, shared by all connections.
final class StatsCounter: Sendable {
    private let stats = Mutex(StubStats())

    var current: StubStats { self.stats.withLock { $0 } }

    func add(_ amount: Int = 1, to counter: WritableKeyPath<StubStats, Int>) {
        self.stats.withLock { $0[keyPath: counter] += amount }
    }
}
