import ArgumentParser

/// `herald broadcasts retry`.
struct RetryBroadcast: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Send once more what failed of a broadcast, and only that.",
        discussion: """
            The failed messages are queued by a job, which is followed to its end; --no-wait shows it at once.

            Examples:
              herald broadcasts retry 019aa5e0-0000-7000-8000-000000000000
            """
    )

    @Argument(help: "The broadcast's id.")
    var id: String

    @OptionGroup var job: JobOptions
    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        let client = try self.org.client(in: session)
        let answer = try await client(BroadcastCalls(id: self.id).act("retry"))
        try await self.job.show(answer, from: client, as: self.output, in: session)
    }
}
