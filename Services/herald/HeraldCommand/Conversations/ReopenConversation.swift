import ArgumentParser

/// `herald conversations reopen`.
struct ReopenConversation: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "reopen",
        abstract: "Open a closed conversation again.",
        discussion: """
            Opening an open one changes nothing.

            Example:
              herald conversations reopen 019aa5e0-0000-7000-8000-000000000000
            """
    )

    @Argument(help: "The conversation's id.")
    var id: String

    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        let client = try self.org.client(in: session)
        let answer = try await client(ConversationCalls(id: self.id).reopen)
        try self.output.show(answer, from: client, in: session) { KeyValueList.text($0) }
    }
}
