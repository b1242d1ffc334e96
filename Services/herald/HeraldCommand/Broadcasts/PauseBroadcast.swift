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

    @OptionGroup var act: BroadcastAct

    func run(in session: Session) async throws { try await self.act("pause", in: session) }
}
