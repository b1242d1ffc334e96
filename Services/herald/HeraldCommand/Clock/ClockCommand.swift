import ArgumentParser

/// `herald clock`.
struct ClockCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clock",
        abstract: "The clock of a sandbox organization, which can be put forward.",
        subcommands: [ShowClock.self, AdvanceClock.self]
    )
}
