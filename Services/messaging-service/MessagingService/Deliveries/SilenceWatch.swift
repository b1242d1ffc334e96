import Synchronization

/// Knows whether workers could have been heard for long enough to call one dead.
///
/// After a start, and after a time in which this process or its database stood still, every worker looks silent; to take
/// their work away then would send all of it twice.
final class SilenceWatch: Sendable {
    /// Rounds come each second; a longer pause means that something stood still.
    private static let longestPause: Duration = .seconds(3)

    private struct State {
        var lastRound: ContinuousClock.Instant
        var listeningSince: ContinuousClock.Instant
    }

    private let state: Mutex<State>

    init(startedAt now: ContinuousClock.Instant) {
        self.state = Mutex(State(lastRound: now, listeningSince: now))
    }

    /// Nobody could be heard at this time.
    func interrupt(at now: ContinuousClock.Instant) {
        self.state.withLock { $0.listeningSince = now }
    }

    /// To be asked once a round, before the database is.
    func listened(at now: ContinuousClock.Instant) -> Bool {
        self.state.withLock { state in
            if state.lastRound.duration(to: now) > Self.longestPause { state.listeningSince = now }
            state.lastRound = now
            return state.listeningSince.duration(to: now) > EndLeases.silence
        }
    }
}
