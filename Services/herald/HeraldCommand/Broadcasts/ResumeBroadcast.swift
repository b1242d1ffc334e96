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

    @OptionGroup var act: BroadcastAct

    func run(in session: Session) async throws { try await self.act("resume", in: session) }
}
