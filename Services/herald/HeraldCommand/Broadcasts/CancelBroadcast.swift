import ArgumentParser

/// `herald broadcasts cancel`.
struct CancelBroadcast: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Withdraw all messages of a broadcast that have not left, and make no more.",
        discussion: """
            There is no way back; what a worker holds at this moment still leaves.

            Examples:
              herald broadcasts cancel 019aa5e0-0000-7000-8000-000000000000
            """
    )

    @Argument(help: "The broadcast's id.")
    var id: String

    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        let client = try self.org.client(in: session)
        let answer = try await client(BroadcastCalls(id: self.id).act("cancel"))
        try self.output.show(answer, from: client, in: session) { BroadcastText.of($0) }
    }
}
