import ArgumentParser

/// `herald conversations`.
struct ConversationsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conversations",
        abstract: "Conversations: what customers write, and who answers.",
        subcommands: [
            ListConversations.self, ShowConversation.self, AssignConversation.self, CloseConversation.self,
            ReopenConversation.self, ReadConversation.self,
        ]
    )
}
