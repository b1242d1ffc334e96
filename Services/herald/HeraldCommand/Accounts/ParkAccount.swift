import ArgumentParser
import Shared

/// `herald accounts park`.
struct ParkAccount: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "park",
        abstract: "Stop sending through an account; its messages wait.",
        discussion: """
            Until herald accounts resume. What is with the provider already goes on.

            Example:
              herald accounts park 019aa5e0-0000-7000-8000-000000000000 \\
                --reason "number is being moved"
            """
    )

    @Argument(help: "The account's id.")
    var id: String

    @Option(help: .init("Why, for people.", valueName: "text"))
    var reason: String?

    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        let client = try self.org.client(in: session)
        let answer = try await client(AccountGate(id: self.id).park(reason: self.reason))
        try self.output.show(answer, from: client, in: session) { KeyValueList.text($0) }
    }
}
