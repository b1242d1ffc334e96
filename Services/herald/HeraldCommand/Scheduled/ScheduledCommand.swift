import ArgumentParser

/// `herald scheduled`.
struct ScheduledCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scheduled",
        abstract: "Messages that wait for a time their sender chose.",
        subcommands: [ListScheduled.self, RunScheduled.self]
    )
}
