import ServiceLifecycle

/// Puts accounts back into the walk when their time has come, whatever the database does meanwhile.
struct WakeTimers: Service {
    /// Timers may be set earlier than the one that is waited for.
    static let interval: Duration = .milliseconds(5)

    let due: DueWork
    let clock: any Clock<Duration>

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                let next = self.due.wake(at: .now)
                let pause = next.map { min(Self.interval, ContinuousClock.now.duration(to: $0)) } ?? Self.interval
                try? await self.clock.sleep(for: max(pause, .milliseconds(1)))
            }
        }
    }
}
