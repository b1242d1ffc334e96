import ArgumentParser

/// How much the scenarios put into the databases, and how long the long ones take.
struct Sizes: ParsableArguments {
    @Flag(name: .customLong("short"), help: "Seconds instead of minutes: all in 90 s, for comparisons of ratios alone.")
    var isShort = false

    @Option(help: .init("Messages of history (growth); 10 million, or 20,000 with --short.", valueName: "count"))
    var rows: Int?

    @Option(help: .init("Messages queued (growth, fair); a million, or 10,000 with --short.", valueName: "count"))
    var queued: Int?

    @Option(help: "Of soak (10), and of memory (1).")
    var minutes: Int?

    func validate() throws {
        guard self.rows.map((1000...100_000_000).contains) ?? true else {
            throw ValidationError("--rows must be 1000 to 100000000.")
        }
        guard self.queued.map((1000...10_000_000).contains) ?? true else {
            throw ValidationError("--queued must be 1000 to 10000000.")
        }
        guard self.minutes.map((1...1440).contains) ?? true else {
            throw ValidationError("--minutes must be 1 to 1440.")
        }
    }

    var form: Form { self.isShort ? .short : .full }
    var historyRows: Int { self.rows ?? self.form.value(full: 10_000_000, short: 20_000) }
    var queuedRows: Int { self.queued ?? self.form.value(full: 1_000_000, short: 10_000) }

    /// The length of a scenario that takes whole minutes.
    func length(minutes: Int, shortSeconds: Int) -> Duration {
        self.minutes.map { .seconds(60 * $0) }
            ?? self.form.value(full: .seconds(60 * minutes), short: .seconds(shortSeconds))
    }
}
