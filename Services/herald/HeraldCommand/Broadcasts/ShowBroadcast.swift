import ArgumentParser

/// `herald broadcasts show`.
struct ShowBroadcast: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a broadcast, how far it is, and where its messages are.",
        discussion: """
            With --wait it is shown once it is done, paused or cancelled; how far it is goes to standard error.

            Examples:
              herald broadcasts show 019aa5e0-0000-7000-8000-000000000000 --wait
            """
    )

    @Argument(help: "The broadcast's id.")
    var id: String

    @Flag(help: "Wait until it is done, paused or cancelled.")
    var wait = false

    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        let client = try self.org.client(in: session)
        let broadcast =
            self.wait
            ? try await FollowBroadcast(client: client, id: self.id)(in: session)
            : try await client(BroadcastCalls(id: self.id).show)
        try self.output.show(broadcast, from: client, in: session) { BroadcastText.of($0) }
    }
}
