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

    @OptionGroup var act: BroadcastAct

    func run(in session: Session) async throws { try await self.act("cancel", in: session) }
}
