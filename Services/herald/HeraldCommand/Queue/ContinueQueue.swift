import ArgumentParser

/// `herald queue continue`.
struct ContinueQueue: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "continue",
        abstract: "Send again what was paused.",
        discussion: """
            The organization's queue; with --account one of its channel accounts; with --all everything of this \
            installation. Each goes on only when none of the three is paused.

            Examples:
              herald queue continue
              herald queue continue --account 019aa5e0-0000-7000-8000-000000000000
              herald queue continue --all
            """
    )

    @OptionGroup var target: QueueTarget
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        try await self.target.perform(
            account: { $0.resume },
            queue: .post("/api/v1/queue/continue"),
            as: self.output,
            in: session
        )
    }
}
