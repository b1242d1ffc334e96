import ArgumentParser

/// `herald config`.
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "The settings of the services.",
        subcommands: [CheckConfig.self]
    )
}
