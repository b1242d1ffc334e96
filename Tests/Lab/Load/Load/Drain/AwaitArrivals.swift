/// Waits until the stub has taken what was queued, or nothing more comes.
struct AwaitArrivals {
    /// Between two looks at the stub's counter, which cost it next to nothing.
    private static let pause: Duration = .milliseconds(100)

    let stub: StubClient
    let patience: Duration
    let clock: any Clock<Duration>

    /// Waits for `count` messages beyond the `before` that had come already.
    ///
    /// - Returns: how many came: fewer when nothing has arrived for the time of our patience, more when there were doubles.
    func callAsFunction(count: Int, beyond before: Int, dueIn seconds: Double) async throws(LoadFailure) -> Int {
        try await self.wait(for: .seconds(max(0, seconds)))
        var arrived = 0
        var quiet: Duration = .zero
        while arrived < count, quiet < self.patience {
            try await self.wait(for: Self.pause)
            let now = try await self.stub.acceptedCount() - before
            quiet = now > arrived ? .zero : quiet + Self.pause
            arrived = now
        }
        // A double of the last message would come a moment later.
        try await self.wait(for: Self.pause * 5)
        return try await self.stub.acceptedCount() - before
    }

    private func wait(for duration: Duration) async throws(LoadFailure) {
        do {
            try await self.clock.sleep(for: duration)
        } catch {
            throw LoadFailure("Stopped.")
        }
    }
}
