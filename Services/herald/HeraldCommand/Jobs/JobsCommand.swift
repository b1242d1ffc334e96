import ArgumentParser

/// `herald jobs`.
struct JobsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs",
        abstract: "Operations on all messages that match a filter.",
        subcommands: [ListJobs.self, ShowJob.self]
    )
}
