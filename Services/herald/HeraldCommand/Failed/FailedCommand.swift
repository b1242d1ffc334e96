import ArgumentParser

/// `herald failed`.
struct FailedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "failed",
        abstract: "Messages that have failed for good.",
        subcommands: [ListFailed.self, RetryFailed.self, FlushFailed.self]
    )
}
