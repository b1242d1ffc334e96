/// Waits; ends early, by throwing, when the test's time is over.
package func pause(_ duration: Duration) async throws {
    try await ContinuousClock().sleep(for: duration)
}

/// How long it took until `condition` held, or nil when it did not within `limit`.
///
/// Looks every 50 ms unless told: a debug build on two cores has better things to do than to answer.
package func timeUntil(
    _ limit: Duration,
    every interval: Duration = .milliseconds(50),
    _ condition: () async throws -> Bool
) async throws -> Duration? {
    let start = ContinuousClock.now
    while true {
        if try await condition() { return start.duration(to: .now) }
        guard start.duration(to: .now) < limit else { return nil }
        try await pause(interval)
    }
}

/// Starts a call of `work` at each beat, whether earlier ones have ended or not, and returns when all have.
///
/// - Parameters:
///   - rate: beats a second.
///   - duration: how long it beats.
///   - work: is given the beat's number, from 0.
/// - Throws: what `work` throws first; what is under way then is cancelled.
package func withOpenLoop(
    rate: Double,
    for duration: Duration,
    _ work: @escaping @Sendable (Int) async throws -> Void
) async throws {
    let clock = ContinuousClock()
    let start = clock.now
    let beats = Int(rate * (duration / .seconds(1)))
    try await withThrowingDiscardingTaskGroup { tasks in
        for beat in 0..<beats {
            try await clock.sleep(until: start + .seconds(Double(beat) / rate))
            tasks.addTask { try await work(beat) }
        }
    }
}

extension Duration? {
    /// For a test's line of figures.
    package var text: String {
        guard let self else { return "never" }
        return "\(Int((self / .milliseconds(1)).rounded())) ms"
    }
}
