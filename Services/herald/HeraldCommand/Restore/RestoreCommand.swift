import ArgumentParser

/// `herald restore`.
struct RestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "What is done after the database was restored.",
        subcommands: [ShowRestore.self, ReconcileRestore.self]
    )
}
