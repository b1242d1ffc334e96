import Synchronization

/// A clock by which all work takes one step, and rests are over at once.
final class BusyClock: Clock {
    static let step: Duration = .milliseconds(10)

    private let state = Mutex((now: ContinuousClock.now, rests: [Duration]()))

    /// Each look at the clock is a step later than the one before.
    var now: ContinuousClock.Instant {
        self.state.withLock { state in
            state.now += Self.step
            return state.now
        }
    }

    var minimumResolution: Duration { .zero }
    var rests: [Duration] { self.state.withLock { $0.rests } }

    func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {
        self.state.withLock { state in
            // `sleep(for:)` looked at the clock once more.
            state.rests.append(state.now.duration(to: deadline))
        }
    }
}
