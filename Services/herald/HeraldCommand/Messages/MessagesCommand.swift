import ArgumentParser

/// `herald messages`.
struct MessagesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "messages",
        abstract: "Messages, and what became of them.",
        subcommands: [ListMessages.self, ShowMessage.self]
    )
}
