import ServiceLifecycle

/// Takes out of the journal what is done, so that nothing that a provider said about somebody stays there for long.
struct TidyJournal: Service {
    static let interval: Duration = .seconds(10)

    /// How many rounds it takes until old files of what left are looked for: an hour.
    static let pruningRounds = 360

    let journal: AttemptJournal
    let kept: KeptLog
    let clock: any MonotonicClock

    func run() async {
        try? await cancelWhenGracefulShutdown {
            var round = 0
            while true {
                if round % Self.pruningRounds == 0 { self.kept.prune() }
                round += 1
                try await self.clock.sleep(for: Self.interval)
                // Where there is no room it is tried again.
                try? self.journal.tidy()
            }
        }
    }
}
