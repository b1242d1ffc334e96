import ArgumentParser

/// `herald broadcasts pause`.
struct PauseBroadcast: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Make and send no more messages of a broadcast until it is resumed.",
        discussion: """
            What a worker holds at this moment still leaves.

            Examples:
              herald broadcasts pause 019aa5e0-0000-7000-8000-000000000000
            """
    )

    @Argument(help: "The broadcast's id.")
    var id: String

    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        let client = try self.org.client(in: session)
        let answer = try await client(BroadcastCalls(id: self.id).act("pause"))
        try self.output.show(answer, from: client, in: session) { BroadcastText.of($0) }
    }
}
