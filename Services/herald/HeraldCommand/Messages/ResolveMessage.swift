import ArgumentParser
import Shared

/// `herald messages resolve`.
struct ResolveMessage: APICommand {
    enum Outcome: String, CaseIterable, ExpressibleByArgument {
        case sent, failed, resend
    }

    static let configuration = CommandConfiguration(
        commandName: "resolve",
        abstract: "Decide what became of a message of which nobody knows whether it went out.",
        discussion: """
            Look at the provider's own log first: resend may give it to the recipient a second time.

            Example:
              herald messages resolve 019aa5e0-0000-7000-8000-000000000000 --as sent
            """
    )

    @Argument(help: "The message's id.")
    var id: String

    @Option(name: .customLong("as"), help: "It was sent; it failed; or it is to be sent again.")
    var outcome: Outcome

    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        let client = try self.org.client(in: session)
        let path = "/api/v1/messages/\(APIRequest.encode(self.id))/resolve"
        let answer = try await client(.post(path, ["outcome": .string(self.outcome.rawValue)]))
        try self.output.show(answer, from: client, in: session) { MessageText.of($0) }
    }
}
