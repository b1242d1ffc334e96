import ServiceLifecycle

/// Takes out of the journal what is done, so that nothing that a provider said about somebody stays there for long.
struct TidyJournal: Service {
    static let interval: Duration = .seconds(10)

    let journal: AttemptJournal
    let clock: any MonotonicClock

    func run() async {
        try? await cancelWhenGracefulShutdown {
            while true {
                try await self.clock.sleep(for: Self.interval)
                // Where there is no room it is tried again.
                try? self.journal.tidy()
            }
        }
    }
}
