import ArgumentParser

/// `herald messages`.
struct MessagesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "messages",
        abstract: "Messages, and what became of them.",
        subcommands: [
            ListMessages.self, ShowMessage.self, EditMessage.self, CancelMessages.self, RetryMessages.self,
            SendMessagesNow.self, DeleteMessages.self, ResolveMessage.self,
        ]
    )
}
