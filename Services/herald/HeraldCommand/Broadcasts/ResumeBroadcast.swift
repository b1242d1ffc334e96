import ArgumentParser

/// `herald broadcasts resume`.
struct ResumeBroadcast: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Go on with a broadcast that was paused.",
        discussion: """
            One whose time has not come waits for it.

            Examples:
              herald broadcasts resume 019aa5e0-0000-7000-8000-000000000000
            """
    )

    @Argument(help: "The broadcast's id.")
    var id: String

    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        let client = try self.org.client(in: session)
        let answer = try await client(BroadcastCalls(id: self.id).act("resume"))
        try self.output.show(answer, from: client, in: session) { BroadcastText.of($0) }
    }
}
