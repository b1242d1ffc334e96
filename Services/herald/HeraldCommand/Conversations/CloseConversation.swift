import ArgumentParser

/// `herald conversations close`.
struct CloseConversation: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "close",
        abstract: "Close a conversation.",
        discussion: """
            A later message of the customer opens it again, unless the setting reopen_on_message is false.

            Example:
              herald conversations close 019aa5e0-0000-7000-8000-000000000000
            """
    )

    @Argument(help: "The conversation's id.")
    var id: String

    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        let client = try self.org.client(in: session)
        let answer = try await client(ConversationCalls(id: self.id).close)
        try self.output.show(answer, from: client, in: session) { KeyValueList.text($0) }
    }
}
