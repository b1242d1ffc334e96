import ArgumentParser

/// `herald conversations read`.
struct ReadConversation: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "read",
        abstract: "Mark what the customer has written until now as read.",
        discussion: """
            Without unread messages it changes nothing.

            Example:
              herald conversations read 019aa5e0-0000-7000-8000-000000000000
            """
    )

    @Argument(help: "The conversation's id.")
    var id: String

    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        let client = try self.org.client(in: session)
        let answer = try await client(ConversationCalls(id: self.id).read)
        try self.output.show(answer, from: client, in: session) { KeyValueList.text($0) }
    }
}
