import ArgumentParser
import Shared

/// `herald conversations assign`.
struct AssignConversation: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "assign",
        abstract: "Give a conversation to somebody, or to nobody.",
        discussion: """
            Examples:
              herald conversations assign 019aa5e0-0000-7000-8000-000000000000 --to ann@example.com
              herald conversations assign 019aa5e0-0000-7000-8000-000000000000 --nobody
            """
    )

    @Argument(help: "The conversation's id.")
    var id: String

    @Option(help: .init("Who answers: 1 to 200 characters of your own.", valueName: "name"))
    var to: String?

    @Flag(help: "Nobody any more.")
    var nobody = false

    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (self.to == nil) == self.nobody else {
            throw ValidationError("Give --to, or --nobody; one of the two.")
        }
    }

    func run(in session: Session) async throws {
        let client = try self.org.client(in: session)
        let answer = try await client(ConversationCalls(id: self.id).assign(to: self.to))
        try self.output.show(answer, from: client, in: session) { KeyValueList.text($0) }
    }
}
