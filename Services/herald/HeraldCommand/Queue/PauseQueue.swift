import ArgumentParser

/// `herald queue pause`.
struct PauseQueue: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Stop sending; messages are still taken, and wait.",
        discussion: """
            The organization's queue; with --account one of its channel accounts; with --all everything of this \
            installation. What is with a provider already goes on. herald queue continue ends it.

            Examples:
              herald queue pause
              herald queue pause --account 019aa5e0-0000-7000-8000-000000000000 \\
                --reason "number is being moved"
              herald queue pause --all
            """
    )

    @OptionGroup var target: QueueTarget

    @Option(help: .init("Why the account is paused, for people.", valueName: "text"))
    var reason: String?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard self.reason == nil || self.target.account != nil else {
            throw ValidationError("--reason needs --account.")
        }
    }

    func run(in session: Session) async throws {
        try await self.target.perform(
            account: { $0.park(reason: self.reason) },
            queue: .post("/api/v1/queue/pause"),
            as: self.output,
            in: session
        )
    }
}
