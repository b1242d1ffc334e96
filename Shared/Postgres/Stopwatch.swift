/// A clock whose instants are durations since it was made, so that any clock can be kept in one type.
struct Stopwatch: Sendable {
    private let elapsed: @Sendable () -> Duration
    private let pause: @Sendable (Duration) async throws -> Void

    init(_ clock: some Clock<Duration>) {
        let start = clock.now
        self.elapsed = { start.duration(to: clock.now) }
        self.pause = { try await clock.sleep(for: $0) }
    }

    var now: Duration { self.elapsed() }

    func sleep(for duration: Duration) async throws {
        try await self.pause(duration)
    }
}
